// npm run fuzz -- json --count 100000 --seed 1: mutated messages, the scanner against JSON.parse: the same messages are
// valid, and the same values come out.
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { SeededRandom } from '@millrace/testkit/generators/random.ts'
import { type Cell, scanText, specOf } from '../test/formats/json/harness.ts'

const SEEDS = [
  '{"a":1,"b":{"c":"x","d":[1,2.5,{"e":null}]},"l":[{"n":1,"m":"\\u0041"},{"n":[]}],"é":"漢😀"}',
  '[{"a":"1","l":[]},{"a":true,"l":{"n":-0}},{"b":{"c":false}}]',
  ' { "a" : -1.5E+10 , "b" : { "c" : "\\"\\\\\\/\\b\\f\\n\\r\\t" , "c" : "2" } , "l" : [ 1 , "2" ] } ',
  '{"a":"\\ud83d\\ude00","a":{},"l":[{"n":1}],"l":[{"n":2},{"n":3}],"\\u0062":{"c":[[]]}}',
]
const PIECES = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '0',
    '1',
    '-',
    '.',
    'e',
    'E+',
    'true',
    'false',
    'null',
    'NaN',
    ' ',
    '\n',
  ],
  ...['\t', '\u0000', '\u001f', '\u007f', '\u2028', '\ufeff', 'é', '😀', '\\u', '\\ud800', '\\udc00', '\\n', '\\x'],
  ...['"a":', '"b":', '"c":', '"l":', '"n":', '[]', '{}', '""', '"a":1,', '{"n":5},', '"l":[{"n":7}],', '//'],
]
const PATHS = ['a', '$.b.c', 'b.d[2].e', 'b.d[0]', 'é', 'b', 'l', 'l[0]', 'l[1].n', 'a.n'] as const

const generator = (seed: number) => {
  const random = new SeededRandom(seed)
  return (below: number): number => random.uint32() % below
}

const mutate = (text: string, random: (below: number) => number): string => {
  const chars = [...text]
  const at = random(chars.length + 1)
  switch (random(5)) {
    case 0:
      chars.splice(at, 1 + random(4))
      break
    case 1:
      chars.splice(at, 0, ...chars.slice(random(chars.length + 1)).slice(0, 1 + random(20)))
      break
    case 2:
      return random(4) === 0 ? chars.slice(0, at).join('') : text
    case 3:
      chars.splice(at, 1, PIECES[random(PIECES.length)]!)
      break
    default:
      chars.splice(at, 0, PIECES[random(PIECES.length)]!)
  }
  return chars.join('')
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const look = (value: Json | undefined, path: string): Json | undefined => {
  const steps = path.replace(/^\$\.?/, '').match(/\[\d+\]|[^.[\]]+/g) ?? []
  let at = value
  for (const step of steps) {
    if (step.startsWith('[')) at = Array.isArray(at) ? at[Number(step.slice(1, -1))] : undefined
    else if (isObject(at) && Object.hasOwn(at, step)) at = at[step]
    else return undefined
  }
  return at
}

/** Values compare as JSON values: the scanner keeps the text of numbers, objects and arrays as it stood. */
const same = (cell: Cell, value: Json | undefined): boolean => {
  if (cell === null || value === undefined || value === null) return cell === null && (value ?? null) === null
  if (typeof value === 'string') return cell === value
  return JSON.stringify(JSON.parse(cell)) === JSON.stringify(value)
}

const parse = (text: string): { readonly value: Json } | undefined => {
  try {
    return { value: JSON.parse(text.replace(/^\ufeff/, '')) as Json }
  } catch {
    return undefined
  }
}
const hasLoneSurrogate = (text: string): boolean =>
  (text.match(/"(?:[^"\\]|\\.)*"/g) ?? []).some((literal) => /\p{Surrogate}/u.test(JSON.parse(literal) as string))

interface Mode {
  readonly row: string
  readonly nested?: string
  readonly rows: (message: Json) => readonly (readonly [Json, Json | undefined])[]
}
const elements = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? value : isObject(value) ? [value] : []
const MODES: readonly Mode[] = [
  { row: '$', rows: (message) => elements(message).map((row) => [row, undefined]) },
  { row: '$.l[*]', rows: (message) => elements(look(message, 'l')).map((row) => [row, undefined]) },
  {
    row: '$[*]',
    nested: '$.l[*]',
    rows: (message) =>
      elements(message).flatMap((row): readonly (readonly [Json, Json | undefined])[] => {
        const nested = elements(look(row, 'l'))
        return nested.length === 0 ? [[row, undefined]] : nested.map((each) => [row, each] as const)
      }),
  },
]

export interface FuzzResult {
  readonly accepted: number
  readonly rejected: number
}

/** Throws at the first message that the scanner and JSON.parse do not agree on. */
export const fuzzJson = (count: number, seed: number): FuzzResult => {
  const random = generator(seed)
  let accepted = 0
  for (let i = 0; i < count; i++) {
    let text = SEEDS[random(SEEDS.length)]!
    for (let n = random(4); n > 0; n--) text = mutate(text, random)
    const mode = MODES[random(MODES.length)]!
    const inner = mode.nested === undefined ? [] : ['n', 'm', '$']
    const columns = [
      ...PATHS.map((path) => ({ path, level: 0 as const })),
      ...inner.map((path) => ({ path, level: 1 as const })),
    ]
    const got = scanText(specOf(mode.row, [], { columns, ...(mode.nested && { nested: mode.nested }) }), text)
    const parsed = parse(text)
    const failed = (why: string): Error =>
      new Error(`${why}; case ${i} of seed ${seed}: ${JSON.stringify(text)}, row ${mode.row}: ${JSON.stringify(got)}`)
    if (parsed === undefined || hasLoneSurrogate(text)) {
      if (Array.isArray(got)) throw failed('the scanner takes what is not valid')
      continue
    }
    if (!Array.isArray(got)) throw failed('the scanner does not take what is valid')
    accepted++
    const wanted = mode.rows(parsed.value)
    if (got.length !== wanted.length) throw failed(`not ${wanted.length} rows`)
    for (const [r, [row, nested]] of wanted.entries())
      for (const [c, { path, level }] of columns.entries())
        if (!same(got[r]![c]!, look(level === 0 ? row : nested, path))) throw failed(`row ${r} differs at ${path}`)
  }
  return { accepted, rejected: count - accepted }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { count: { type: 'string' }, seed: { type: 'string' } } })
  const seed = Number(values.seed ?? Date.now() % 1e9)
  const count = Number(values.count ?? 100_000)
  console.log(`json: ${count} messages, seed ${seed}`)
  const { accepted, rejected } = fuzzJson(count, seed)
  console.log(`json: ok, ${accepted} valid, ${rejected} not`)
}
