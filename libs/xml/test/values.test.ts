import fc from 'fast-check'
import { XMLParser } from 'fast-xml-parser'
import { describe, expect, it } from 'vitest'
import { fuzzXml } from '../fuzz/xml-fuzz.ts'
import { rowsOf, specOf } from './harness.ts'
import { oracleRows, saxesTree } from './oracle.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000_000)
const again = `SEED=${seed} npx vitest run --project xml values`

const escaped = (text: string): string => text.replace(/[<&>]/g, (c) => `&#${c.charCodeAt(0)};`)
const plainText = fc
  .string({ unit: 'grapheme', maxLength: 30 })
  .map((text) => escaped(text.replace(/[\p{Cc}\ufffe\uffff]/gu, ' ')))
const piece = fc.oneof(
  { weight: 5, arbitrary: plainText },
  {
    weight: 1,
    arbitrary: fc.constantFrom('&lt;', '&amp;', '&#x1F600;', '&#13;', '\r\n', '<!-- c -->', '<?p i?>', '\t'),
  },
  { weight: 1, arbitrary: plainText.map((text) => `<![CDATA[${text}]]>`) },
)
const name = fc.constantFrom('a', 'b', 'c', 'x:a', 'x:b', 'é')
const attributes = fc
  .uniqueArray(fc.tuple(name, plainText), { selector: ([key]) => key, maxLength: 3 })
  .map((pairs) => pairs.map(([key, value]) => ` ${key}="${value.replaceAll('"', '&quot;')}"`).join(''))
const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  element: fc
    .tuple(name, attributes, tie('content'))
    .map(([tag, attrs, content]) => (content === '' ? `<${tag}${attrs}/>` : `<${tag}${attrs}>${content}</${tag} >`)),
  content: fc
    .array(fc.oneof({ maxDepth: 4, depthSize: 'small' }, piece, tie('element')), { maxLength: 5 })
    .map((parts) => parts.join('')),
}))
const document = fc.array(element, { maxLength: 5 }).map((rows) => `<r>${rows.join('\n')}</r>`)
const columnPath = fc.constantFrom(
  '.',
  'text()',
  '@a',
  '@x:a',
  'a',
  'b',
  'x:a',
  'a/b',
  'a/@b',
  'b/text()',
  'c/a/.',
  'é',
)
const spec = fc.record({
  row: fc.constantFrom('/r', '/r/a', '/r/b', '/r/x:a'),
  nested: fc.constantFrom(undefined, 'a', 'b/c', 'x:b'),
  columns: fc.array(fc.record({ path: columnPath, level: fc.constantFrom(0 as const, 1 as const) }), { maxLength: 8 }),
  trim: fc.boolean(),
  emptyAsNull: fc.boolean(),
})

describe(`values (${again})`, () => {
  it('are those that a tree made by saxes gives, for any document and any paths', () => {
    fc.assert(
      fc.property(document, spec, (text, any) => {
        const columns = any.columns.map(({ path, level }) => ({ path, level: any.nested === undefined ? 0 : level }))
        const tree = saxesTree(text)
        if ('error' in tree) throw new Error(`${tree.error}: ${text}`)
        expect(rowsOf({ ...any, columns }, text)).toEqual(oracleRows({ ...any, columns }, tree.root))
      }),
      { seed, numRuns: 2_000 },
    )
  })

  it('are those that fast-xml-parser gives for flat records', () => {
    const parser = new XMLParser({ parseTagValue: false, isArray: (tag) => tag === 'book', htmlEntities: true })
    const field = fc.string({ unit: 'grapheme-ascii', maxLength: 20 }).map((text) => escaped(text.replace(/\s+/g, ' ')))
    const book = fc.record({ title: field, year: field, note: field })
    fc.assert(
      fc.property(fc.array(book, { minLength: 1, maxLength: 4 }), (books) => {
        const text = `<library>${books
          .map(
            (each) => `<book><title>${each.title}</title>\n<year>${each.year}</year><note>${each.note}</note></book>`,
          )
          .join('')}</library>`
        const wanted = parser.parse(text).library.book as Record<string, string>[]
        expect(rowsOf(specOf('/library/book', ['title', 'year', 'note'], { emptyAsNull: false }), text)).toEqual(
          wanted.map((each) => ['title', 'year', 'note'].map((key) => (each[key] ?? '').trim())),
        )
      }),
      { seed, numRuns: 500 },
    )
  })

  it('and verdicts stay those of saxes when documents are mutated', () => {
    const { accepted, rejected } = fuzzXml(4_000, seed)
    expect(accepted).toBeGreaterThan(400)
    expect(rejected).toBeGreaterThan(400)
  })
})
