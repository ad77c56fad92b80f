import { describe, expect, it } from 'vitest'
import { isJsonNumber, jsonNumber, parseJson, printJson } from '../../src/sql/lossless.ts'

describe('lossless JSON', () => {
  it.each(['1234567890123456789', '18446744073709551615', '1e400', '0.10', '-0', '[1.0,{"a":null,"b":"\\"1\\""}]'])(
    'writes %s back as it was',
    (text) => expect(printJson(parseJson(text))).toBe(text),
  )

  it('keeps a number in a box that says so', () => {
    const number = parseJson('12')
    expect(isJsonNumber(number) && number.value).toBe('12')
    expect(printJson([jsonNumber('12.50')])).toBe('[12.50]')
    expect(isJsonNumber('12')).toBe(false)
  })

  it('refuses what is no JSON', () => {
    for (const text of ['', '{', 'Infinity', '{"a":1,}']) expect(() => parseJson(text)).toThrow(SyntaxError)
  })
})
