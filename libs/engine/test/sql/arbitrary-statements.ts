import fc from 'fast-check'
import type { ColumnNode, Identifier, InsertNode, OptionNode, SqlText, StatementNode } from '../../src/sql/ast.ts'

/** Arbitrary nodes without meaning to their spans: what print and parse must carry over whole. */
const span = { file: 'x.sql', start: 0, end: 0 }

const awkward = ["it's", '${A}', '$${A}', ';', '--', '/*', '"', '\\', '\n', 'é日本😀', '$$', '$', ' ']
const text = fc
  .array(fc.oneof(fc.constantFrom(...awkward), fc.string({ maxLength: 5 })), { minLength: 1, maxLength: 4 })
  .map((parts) => `x${parts.join('')}`.replaceAll('\0', ''))

const identifier: fc.Arbitrary<Identifier> = fc
  .oneof(
    fc.constantFrom(
      'a',
      'emit',
      'late',
      'every',
      'select',
      'at',
      'nested',
      'watermark',
      'Größe',
      'a$b',
      'path',
      'kafka',
    ),
    text,
  )
  .map((name) => ({ name, span }))
const identifiers = fc.array(identifier, { minLength: 1, maxLength: 3 })

const sql = (...texts: readonly string[]): fc.Arbitrary<SqlText> =>
  fc.constantFrom(...texts).map((one) => ({ text: one, span }))
const type = sql('VARCHAR', 'DECIMAL(10, 2)', 'STRUCT(a INT, b VARCHAR[])', 'TIMESTAMP WITH TIME ZONE', '"odd type"')
const expression = sql(
  'a + 1',
  "'${A}' || $a$b$a$ || '$${A}'",
  "e'\\${A}\\'' || $$it's$$",
  'a IS NOT NULL',
  "CASE WHEN a THEN 'x;' END",
  '1 /* ${A} ; */ -- ${A}\n + 2',
  '"${A}"',
)
const select = sql(
  'SELECT * FROM s',
  "SELECT emit final, '${A}' FROM t late",
  'FROM s SELECT row_number() OVER (PARTITION BY a)',
  'WITH x AS (VALUES (1)) SELECT 2 every',
)
const milliseconds = fc.integer({ min: 1, max: 10_000_000_000 })
const literal = text.map((one) => ({ text: one, span }))

const given = <T>(key: string, value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.oneof(
    fc.constant({}),
    value.map((one) => ({ [key]: one })),
  )
const merged = <T>(...parts: readonly fc.Arbitrary<object>[]): fc.Arbitrary<T> =>
  fc.tuple(...parts).map((values) => Object.assign({}, ...values) as T)

const option = (
  name: string,
  kind: OptionNode['value']['kind'],
  value: fc.Arbitrary<string>,
): fc.Arbitrary<OptionNode> => value.map((one) => ({ name: { name, span }, value: { kind, text: one, span } }))

const leaf: fc.Arbitrary<ColumnNode> = fc.oneof(
  merged<ColumnNode>(
    fc.record({ kind: fc.constant('value'), name: identifier, type, notNull: fc.boolean() }),
    given('path', literal),
    given('format', literal),
    given('default', expression),
    fc.constant({ span }),
  ),
  fc.record({
    kind: fc.constant('generated' as const),
    name: identifier,
    type,
    expression,
    notNull: fc.boolean(),
    span: fc.constant(span),
  }),
)
const column: fc.Arbitrary<ColumnNode> = fc.oneof(
  leaf,
  fc
    .array(leaf, { minLength: 1, maxLength: 2 })
    .chain((columns) => literal.map((path): ColumnNode => ({ kind: 'nested', path, columns, span }))),
)

const constraint = merged<object>(
  fc.record({ name: identifier, check: expression }),
  given('onViolation', fc.constantFrom('fail', 'drop', 'null', 'dead_letter', 'warn')),
  fc.constant({ span }),
)

const source = fc
  .tuple(
    option('topic', 'string', text),
    option('brokers', 'string', text),
    option('max_future', 'interval', milliseconds.map(String)),
  )
  .map((options) => ({ kind: { name: 'KAFKA', span }, options, span }))
const format = fc
  .tuple(option('row', 'string', text), option('trim', 'boolean', fc.constantFrom('true', 'false')))
  .map((options) => ({ kind: { name: 'XML', span }, options, span }))

const stream = merged<StatementNode>(
  fc.record({
    kind: fc.constant('create_stream'),
    orReplace: fc.boolean(),
    name: identifier,
    columns: fc.array(column, { minLength: 1, maxLength: 4 }),
    constraints: fc.array(constraint, { maxLength: 2 }),
  }),
  given(
    'watermark',
    merged<object>(
      fc.record({ column: identifier, expression }),
      given('idleAfter_ms', milliseconds),
      fc.constant({ span }),
    ),
  ),
  fc.record({ source }),
  given('keyFormat', format),
  fc.record({ format, onError: fc.constantFrom('dead_letter', 'fail', 'drop', 'null') }),
  given(
    'rejectLimit',
    fc.record({ percent: fc.constantFrom(0.5, 1, 100), interval_ms: milliseconds, span: fc.constant(span) }),
  ),
  given('dedup', fc.record({ columns: identifiers, within_ms: milliseconds, span: fc.constant(span) })),
  fc.constant({ span }),
)

const table = merged<StatementNode>(
  fc.record({
    kind: fc.constant('create_table'),
    orReplace: fc.boolean(),
    name: identifier,
    columns: fc.array(fc.record({ name: identifier, type, notNull: fc.boolean() }), { maxLength: 3 }),
    location: literal,
    partitionBy: fc.oneof(fc.constant([]), identifiers),
    key: fc.oneof(fc.constant([]), identifiers),
  }),
  given(
    'retain',
    merged<object>(fc.record({ interval_ms: milliseconds }), given('archiveTo', text), fc.constant({ span })),
  ),
  fc.record({
    options: fc.array(option('compression', 'string', fc.constantFrom('snappy', 'zstd')), { maxLength: 1 }),
  }),
  fc.constant({ span }),
)

const insert = merged<InsertNode>(
  fc.record({
    kind: fc.constant('insert'),
    mode: fc.constantFrom('append', 'ignore', 'replace'),
    target: identifier,
    select,
  }),
  given('partitionBy', identifiers),
  given('emit', fc.record({ mode: fc.constantFrom('final', 'changes', 'all'), span: fc.constant(span) })),
  given(
    'late',
    fc.oneof(
      fc.record({ mode: fc.constantFrom('drop', 'dead_letter'), span: fc.constant(span) }),
      fc.record({ mode: fc.constant('into'), into: identifier, span: fc.constant(span) }),
    ),
  ),
  given('allowLateness_ms', milliseconds),
  given('every_ms', milliseconds),
  fc.constant({ span }),
)

const job = merged<StatementNode>(
  fc.record({ kind: fc.constant('create_job'), orReplace: fc.boolean(), name: identifier }),
  given(
    'schedule',
    merged<object>(
      fc.record({ cron: fc.constant('*/5 0 * * MON-FRI') }),
      given('timeZone', text),
      fc.constant({ span }),
    ),
  ),
  given('missed', fc.constantFrom('catch_up', 'skip')),
  given('timeout_ms', milliseconds),
  fc.record({ dependsOn: fc.oneof(fc.constant([]), identifiers), insert }),
  fc.constant({ span }),
)

const other: fc.Arbitrary<StatementNode> = fc.oneof(
  fc.record({
    kind: fc.constant('create_stream_as' as const),
    orReplace: fc.boolean(),
    name: identifier,
    select,
    span: fc.constant(span),
  }),
  fc.record({
    kind: fc.constant('create_sink' as const),
    orReplace: fc.boolean(),
    name: identifier,
    sink: fc.constantFrom({ name: 'CONSOLE', span }, { name: 'MEMORY', span }),
    options: fc.array(option('rows_max', 'number', fc.constantFrom('1', '500')), { maxLength: 1 }),
    key: fc.oneof(fc.constant([]), identifiers),
    span: fc.constant(span),
  }),
  text.map((path) => ({ kind: 'import' as const, path, span })),
  option('batch_bytes_max', 'string', fc.constant('1MB')).map((one) => ({ kind: 'set' as const, ...one, span })),
  fc.constantFrom('streams', 'tables', 'sinks', 'jobs').map((what) => ({ kind: 'show', what, span }) as StatementNode),
  identifier.map((of) => ({ kind: 'show' as const, what: 'dead_letters' as const, of, span })),
  identifier.map((name) => ({ kind: 'describe' as const, name, span })),
  select.map((one) => ({ kind: 'select' as const, select: one, span })),
)

const plain = fc.oneof(stream, table, insert, job, other)

export const statement: fc.Arbitrary<StatementNode> = fc.oneof(
  plain,
  fc.record({
    kind: fc.constant('explain' as const),
    stage: fc.constantFrom('ast' as const, 'plan' as const, 'consumption' as const, 'sql' as const),
    statement: plain,
    span: fc.constant(span),
  }),
)
