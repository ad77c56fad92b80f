import { LIMITS, type Limits } from '../../../src/core/limits.ts'
import type { ConsumptionPlan, SourcePlan, StreamPlan } from '../../../src/plan/consumption-plan.ts'

const PATHS = ['record_id', 'title', 'author/name', 'author/country', 'publication_year', 'added']

export const booksStream = (source: SourcePlan, name = 'books'): StreamPlan => ({
  name,
  source,
  decode: {
    kind: 'xml',
    row: '/library/book',
    columns: PATHS.map((path, index) => ({ index, name: path.replace('/', '_'), path, level: 0 })),
    trim: true,
    emptyAsNull: true,
  },
  metadata: [],
  columns: PATHS.map((path) => ({ name: path.replace('/', '_'), type: 'VARCHAR' })),
  typedSql: '',
  faults: [],
  onError: 'dead_letter',
})

export const booksPlan = (streams: readonly StreamPlan[], limits: Partial<Limits> = {}): ConsumptionPlan => ({
  pipeline: 'books',
  fingerprint: '',
  streams,
  views: [],
  outputs: [],
  staticFiles: [],
  trigger: { kind: 'asap' },
  limits: { ...LIMITS, ...limits },
})

export const logSource = (directory: string, topic = 'books'): SourcePlan => ({
  kind: 'topiclog',
  topic,
  directory,
  start: 'earliest',
  onDataLoss: 'fail',
})
