import { createHash } from 'node:crypto'
import { isStoragePath } from '@millrace/storage'
import { MillraceError } from '../core/errors/index.ts'
import type { Positions } from '../core/positions.ts'
import type {
  CommitCounts,
  CommitGap,
  CommitRecord,
  CommittedFile,
  CommittedState,
  EpochRecord,
  InstanceRecord,
  OwnerRecord,
  TableSchema,
} from './records.ts'

/** The format that this version writes, and the only one it reads. */
export const FORMAT = 1

/** One line of JSON, UTF-8, ended by a newline: a record without the newline is torn. */
export const encodeRecord = (record: object): Uint8Array => new TextEncoder().encode(`${JSON.stringify(record)}\n`)

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

type Fields = { readonly [key: string]: unknown }

class Reader {
  readonly #path: string
  constructor(path: string) {
    this.#path = path
  }

  fail(why: string, cause?: unknown): never {
    throw new MillraceError('ENG_PROTOCOL_RECORD_INVALID', `${this.#path} cannot be trusted: ${why}`, {
      path: this.#path,
      ...(cause === undefined ? {} : { cause }),
    })
  }

  root(bytes: Uint8Array): Fields {
    if (bytes.at(-1) !== 0x0a) this.fail('it is torn (its last byte is not a newline)')
    let value: unknown
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    } catch (error) {
      this.fail('it is not JSON', error)
    }
    const fields = this.object(value, 'the record')
    if (fields['format'] !== FORMAT)
      this.fail(`its format is ${JSON.stringify(fields['format'])}, this version knows ${FORMAT}`)
    return fields
  }

  object(value: unknown, name: string): Fields {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.fail(`${name} is not an object`)
    return value as Fields
  }
  string(value: unknown, name: string, pattern?: RegExp): string {
    if (typeof value !== 'string' || (pattern !== undefined && !pattern.test(value)))
      this.fail(`${name} is not ${pattern ? String(pattern) : 'a string'}`)
    return value
  }
  path(value: unknown, name: string): string {
    const path = this.string(value, name)
    if (!isStoragePath(path)) this.fail(`${name} is not a path in a store`)
    return path
  }
  integer(value: unknown, name: string, min = 0): number {
    if (!Number.isSafeInteger(value) || (value as number) < min) this.fail(`${name} is not an integer from ${min}`)
    return value as number
  }
  boolean(value: unknown, name: string): boolean {
    if (typeof value !== 'boolean') this.fail(`${name} is not true or false`)
    return value
  }
  list<T>(value: unknown, name: string, item: (value: unknown, name: string) => T): readonly T[] {
    if (!Array.isArray(value)) this.fail(`${name} is not a list`)
    return value.map((entry, index) => item(entry, `${name}[${index}]`))
  }
  map<T>(value: unknown, name: string, item: (value: unknown, name: string) => T): Readonly<Record<string, T>> {
    const entries = Object.entries(this.object(value, name))
    return Object.fromEntries(entries.map(([key, entry]) => [key, item(entry, `${name}.${key}`)]))
  }

  positions(value: unknown, name: string): Positions {
    return this.map(value, name, (topic, topicName) =>
      this.map(topic, topicName, (offset, at) => this.string(offset, at, /^\d{1,19}$/)),
    )
  }

  gap(value: unknown, name: string): CommitGap {
    const fields = this.object(value, name)
    return {
      topic: this.string(fields['topic'], `${name}.topic`),
      partition: this.integer(fields['partition'], `${name}.partition`),
      from: this.string(fields['from'], `${name}.from`, /^\d{1,19}$/),
      to: this.string(fields['to'], `${name}.to`, /^\d{1,19}$/),
    }
  }

  schema(value: unknown, name: string): TableSchema {
    const fields = this.object(value, name)
    return {
      columns: this.list(fields['columns'], `${name}.columns`, (entry, at) => {
        const column = this.object(entry, at)
        return {
          name: this.string(column['name'], `${at}.name`),
          storedType: this.string(column['storedType'], `${at}.storedType`),
        }
      }),
      partitionBy: this.list(fields['partitionBy'], `${name}.partitionBy`, (entry, at) => this.string(entry, at)),
    }
  }

  counts(value: unknown, name: string): CommitCounts {
    const fields = this.object(value, name)
    const count = (key: string): number => this.integer(fields[key], `${name}.${key}`)
    return {
      messages: count('messages'),
      rows: count('rows'),
      written: count('written'),
      deadLetters: count('deadLetters'),
      dropped: count('dropped'),
      repeats: count('repeats'),
      warned: count('warned'),
      byRule: this.map(fields['byRule'], `${name}.byRule`, (entry, at) => this.integer(entry, at)),
    }
  }

  file(value: unknown, name: string): CommittedFile {
    const fields = this.object(value, name)
    return {
      staged: this.string(fields['staged'], `${name}.staged`),
      target: this.path(fields['target'], `${name}.target`),
      rows: this.integer(fields['rows'], `${name}.rows`),
      bytes: this.integer(fields['bytes'], `${name}.bytes`),
      sha256: this.string(fields['sha256'], `${name}.sha256`, /^[0-9a-f]{64}$/),
      of: this.string(fields['of'], `${name}.of`),
      ...(fields['partition'] === undefined
        ? {}
        : { partition: this.string(fields['partition'], `${name}.partition`) }),
    }
  }

  stateFile(value: unknown, name: string): CommittedState {
    const fields = this.object(value, name)
    return {
      ...this.file(value, name),
      stream: this.string(fields['stream'], `${name}.stream`),
      bucket_start_ms: this.integer(fields['bucket_start_ms'], `${name}.bucket_start_ms`, Number.MIN_SAFE_INTEGER),
      bucket_end_ms: this.integer(fields['bucket_end_ms'], `${name}.bucket_end_ms`, Number.MIN_SAFE_INTEGER),
      kind: this.string(fields['kind'], `${name}.kind`, /^(?:delta|snapshot)$/) as CommittedState['kind'],
    }
  }
}

/**
 * Reads a commit record and believes nothing: every field is checked, and that the record is of this pipeline and
 * stands at the version that its path says. Throws ENG_PROTOCOL_RECORD_INVALID with the path. Unknown fields are
 * passed over, so that a record of a later minor version can be read.
 */
export const parseCommit = (
  bytes: Uint8Array,
  at: { readonly path: string; readonly pipeline: string; readonly version: number },
): CommitRecord => {
  const read = new Reader(at.path)
  const fields = read.root(bytes)
  const optionalInteger = (key: 'to' | 'stateBase') =>
    fields[key] === undefined ? {} : { [key]: read.integer(fields[key], key, 1) }
  const files = (key: string): readonly CommittedFile[] =>
    read.list(fields[key], key, (entry, name) => read.file(entry, name))
  const record: CommitRecord = {
    format: FORMAT,
    kind: read.string(fields['kind'], 'kind', /^(?:batch|rollback|replay|alter|maintain)$/) as CommitRecord['kind'],
    pipeline: read.string(fields['pipeline'], 'pipeline'),
    version: read.integer(fields['version'], 'version', 1),
    attempt: read.string(fields['attempt'], 'attempt', /^\d+-[0-9a-z]+$/),
    epoch: read.integer(fields['epoch'], 'epoch', 1),
    instance: read.string(fields['instance'], 'instance', /^[0-9a-f]{8}$/),
    parentSha256: read.string(fields['parentSha256'], 'parentSha256', /^[0-9a-f]{64}$/),
    fingerprint: read.string(fields['fingerprint'], 'fingerprint'),
    start: read.positions(fields['start'], 'start'),
    end: read.positions(fields['end'], 'end'),
    topicIds: read.map(fields['topicIds'], 'topicIds', (entry, name) => read.string(entry, name)),
    counts: read.map(fields['counts'], 'counts', (entry, name) => read.counts(entry, name)),
    ...(fields['schemas'] === undefined
      ? {}
      : { schemas: read.map(fields['schemas'], 'schemas', (entry, name) => read.schema(entry, name)) }),
    files: files('files'),
    deadLetters: files('deadLetters'),
    state: read.list(fields['state'], 'state', (entry, name) => read.stateFile(entry, name)),
    stateSnapshot: read.boolean(fields['stateSnapshot'], 'stateSnapshot'),
    ...optionalInteger('stateBase'),
    droppedBuckets: read.list(fields['droppedBuckets'], 'droppedBuckets', (entry, name) => read.string(entry, name)),
    recordTimes_ms: read.map(fields['recordTimes_ms'], 'recordTimes_ms', (stream, name) =>
      read.map(stream, name, (entry, at) => read.integer(entry, at, Number.MIN_SAFE_INTEGER)),
    ),
    ...optionalInteger('to'),
    ...(fields['gaps'] === undefined
      ? {}
      : { gaps: read.list(fields['gaps'], 'gaps', (entry, name) => read.gap(entry, name)) }),
    removes: read.list(fields['removes'], 'removes', (entry, name) => read.path(entry, name)),
    batchTime: read.string(fields['batchTime'], 'batchTime', /^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/),
    ...(fields['host'] === undefined ? {} : { host: read.string(fields['host'], 'host') }),
  }
  if (record.pipeline !== at.pipeline) read.fail(`it is of pipeline ${record.pipeline}, not ${at.pipeline}`)
  if (record.version !== at.version) read.fail(`it says version ${record.version}`)
  return record
}

export const parseInstance = (bytes: Uint8Array, at: { path: string; pipeline: string }): InstanceRecord => {
  const read = new Reader(at.path)
  const fields = read.root(bytes)
  const pipeline = read.string(fields['pipeline'], 'pipeline')
  if (pipeline !== at.pipeline) read.fail(`it is of pipeline ${pipeline}, not ${at.pipeline}`)
  return { format: FORMAT, pipeline, instance: read.string(fields['instance'], 'instance', /^[0-9a-f]{8}$/) }
}

export const parseOwner = (bytes: Uint8Array, at: { path: string; pipeline: string }): OwnerRecord => {
  const read = new Reader(at.path)
  return {
    ...parseInstance(bytes, at),
    state: read.string(read.root(bytes)['state'], 'state'),
  }
}

export const parseEpoch = (bytes: Uint8Array, at: { path: string; epoch: number }): EpochRecord => {
  const read = new Reader(at.path)
  const fields = read.root(bytes)
  const epoch = read.integer(fields['epoch'], 'epoch', 1)
  if (epoch !== at.epoch) read.fail(`it says epoch ${epoch}`)
  return {
    format: FORMAT,
    pipeline: read.string(fields['pipeline'], 'pipeline'),
    epoch,
    worker: read.string(fields['worker'], 'worker'),
    ...(fields['host'] === undefined ? {} : { host: read.string(fields['host'], 'host') }),
  }
}
