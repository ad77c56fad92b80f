import { ColumnArena } from '@millrace/xml'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../src/core/limits.ts'
import { createDecoder } from '../../src/formats/create-decoder.ts'
import { checkDecodePath } from '../../src/plan/decode-path.ts'
import type { DecodePlan } from '../../src/plan/consumption-plan.ts'
import { readRows } from './json/harness.ts'

const allocate = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes)
const columns = [{ index: 0, name: 'title', path: 'title', level: 0 as const }]
const xml: DecodePlan = { kind: 'xml', row: '/library/book', columns, trim: true, emptyAsNull: true }
const json: DecodePlan = { kind: 'json', row: '$.books[*]', columns, trim: false, emptyAsNull: false }

const decodeText = (plan: DecodePlan, text: string, limits = LIMITS as Record<keyof typeof LIMITS, number>) => {
  const decoder = createDecoder(plan, limits, allocate)
  const bytes = new TextEncoder().encode(text)
  const rows = decoder.decode(bytes, 0, bytes.length)
  return rows < 0 ? decoder.reject : readRows(decoder.columns, rows)
}

describe('createDecoder', () => {
  it('decodes XML and JSON by the plan', () => {
    const document = '<library><book><title> A </title></book><book/></library>'
    expect(decodeText(xml, document)).toEqual([['A'], [null]])
    expect(decodeText(json, '{"books":[{"title":" A "},{"title":""}]}')).toEqual([[' A '], ['']])
  })

  it.each([
    [xml, '<library><book></bok></library>', 'ENG_DATA_XML', 'tag </bok> closes <book> at byte 15'],
    [xml, '<!DOCTYPE library><library/>', 'ENG_DATA_XML_DOCTYPE', 'the message has a DOCTYPE at byte 0'],
    [xml, '<?xml version="1.0" encoding="latin1"?><library/>', 'ENG_DATA_NOT_UTF8', 'latin1'],
    [xml, '<a>'.repeat(300), 'ENG_DATA_LIMIT', 'elements are nested more than 256 deep at byte 768'],
    [xml, '<library/>', 'ENG_DATA_NO_ROWS', 'nothing in the message matches /library/book'],
    [json, '{"books":[1,]}', 'ENG_DATA_JSON', 'no value where one is due at byte 12'],
    [json, '['.repeat(300), 'ENG_DATA_LIMIT', 'values are nested more than 256 deep at byte 256'],
    [json, '{"books":[]}', 'ENG_DATA_NO_ROWS', 'nothing in the message matches $.books[*]'],
  ] as const)('rejects with a code and the place: %#', (plan, text, code, detail) => {
    expect(decodeText(plan, text)).toEqual({ code, detail: expect.stringContaining(detail) })
  })

  it('takes its limits from the table of limits', () => {
    const two = { ...LIMITS, rows_per_message_max: 2 }
    expect(decodeText(json, '{"books":[1,2]}', two)).toHaveLength(2)
    expect(decodeText(json, '{"books":[1,2,3]}', two)).toMatchObject({ code: 'ENG_DATA_LIMIT' })
    const document = `<library><book title="${'x'.repeat(30)}"/></library>`
    expect(decodeText(xml, document, { ...LIMITS, xml_attribute_bytes_max: 29 })).toMatchObject({
      code: 'ENG_DATA_LIMIT',
    })
    expect(decodeText(xml, document, { ...LIMITS, xml_attribute_bytes_max: 30 })).toEqual([[null]])
  })

  it('writes to the arenas that it is bound to, and a rejected message leaves nothing there', () => {
    const decoder = createDecoder(xml, LIMITS, allocate)
    const first = decoder.columns
    const second = [new ColumnArena(allocate)]
    decoder.bind(second)
    expect(decoder.columns).toBe(second)
    for (const text of ['<library><book><title>A</title></book></library>', '<library><book><title>B</title></book>']) {
      const bytes = new TextEncoder().encode(text)
      decoder.decode(bytes, 0, bytes.length)
    }
    expect(first[0]!.rows).toBe(0)
    expect(readRows(second, second[0]!.rows)).toEqual([['A']])
  })

  it('refuses a plan whose paths were not checked, as the bug that it is', () => {
    expect(checkDecodePath('xml', 'row', 'book')).toContain("must start with '/'")
    expect(checkDecodePath('json', 'column', 'title')).toBeUndefined()
    expect(() => createDecoder({ ...xml, row: 'book' }, LIMITS, allocate)).toThrow(/bad path/)
    expect(() => createDecoder({ ...json, row: 'book' }, LIMITS, allocate)).toThrow(/bad path/)
  })
})
