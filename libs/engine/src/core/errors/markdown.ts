import { ERRORS } from './index.ts'
import type { ErrorSpec, Fault } from './registry.ts'

const AREAS: readonly (readonly [prefix: string, title: string])[] = [
  ['ENG_SQL_', 'SQL text'],
  ['ENG_DATA_', 'Records that were set aside'],
  ['ENG_KAFKA_', 'Sources'],
  ['ENG_STORE_', 'Storage'],
  ['ENG_PROTOCOL_', 'Commits'],
  ['ENG_DUCKDB_', 'Queries at run time'],
  ['ENG_', 'Everything else'],
]

const FAULTS: Readonly<Record<Fault, string>> = {
  user: 'the file or the command',
  data: 'the data',
  environment: 'the environment',
  bug: 'Millrace',
}

/** The text of docs/errors.md: every code of the registry, by area and name. */
export const errorsMarkdown = (): string => {
  const codes = (Object.entries(ERRORS) as [string, ErrorSpec][]).sort(([a], [b]) => (a < b ? -1 : 1))
  const sections = AREAS.map(([prefix, title]) => {
    const own = codes.filter(([code]) => AREAS.find(([candidate]) => code.startsWith(candidate))?.[0] === prefix)
    return own.length === 0 ? '' : `\n## ${title}\n${own.map(([code, spec]) => section(code, spec)).join('')}`
  })
  const intro = 'Every error has a code that never changes its meaning. “At fault” says who can mend it.'
  return `# Errors\n\n${intro}\n${sections.join('')}`
}

const section = (code: string, spec: ErrorSpec): string => {
  const facts = [
    `At fault: ${FAULTS[spec.fault]}.`,
    ...(spec.retryable ? ['Tried again by itself.'] : []),
    ...(spec.exit === undefined ? [] : [`Exit status ${spec.exit}.`]),
  ]
  const hint = spec.hint === undefined ? '' : `\nHint: ${spec.hint}\n`
  return `\n### ${code}\n\n${spec.summary} ${facts.join(' ')}\n${hint}`
}
