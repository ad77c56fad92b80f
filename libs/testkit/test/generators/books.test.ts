import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser'
import { describe, expect, it } from 'vitest'
import { type BooksMessage, books, booksXml, events } from '../../src/generators/index.ts'

const take = <T>(source: Iterator<T>, count: number): T[] =>
  Array.from({ length: count }, () => source.next().value as T)
const textOf = ({ value }: { value: Uint8Array }): string => Buffer.from(value).toString()

describe('books', () => {
  it('gives the same messages for the same seed, and others for another', () => {
    const options = { bad: 0.1, duplicates: 0.1 }
    const first = take(books({ seed: 5, ...options }), 500).map(textOf)
    expect(take(books({ seed: 5, ...options }), 500).map(textOf)).toEqual(first)
    expect(take(books({ seed: 6, ...options }), 500).map(textOf)).not.toEqual(first)
  })

  it('writes what XMLBuilder writes', () => {
    const builder = new XMLBuilder({ format: true })
    for (const { truth } of take(books({ seed: 2 }), 200)) {
      expect(booksXml(truth.valid)).toBe(builder.build({ library: { book: truth.valid } }))
    }
    const awkward = {
      record_id: 'r',
      title: `<&>"']]>`,
      author: { name: 'Ö', country: '國' },
      publication_year: 1,
      added: '',
    }
    expect(booksXml([awkward])).toBe(builder.build({ library: { book: [awkward] } }))
  })

  it('tells the truth about good messages and bad years, read by another parser', () => {
    const parser = new XMLParser({ isArray: (name) => name === 'book', parseTagValue: false })
    for (const message of take(books({ seed: 3, bad: 0.3, duplicates: 0.2 }), 1_000)) {
      if (message.truth.kind === 'malformed') continue
      const found = parser.parse(textOf(message)).library.book as { record_id: string; publication_year: string }[]
      const valid = found.filter(
        ({ publication_year }) =>
          /^\d{4}$/.test(publication_year) && Number(publication_year) >= 1450 && Number(publication_year) <= 2100,
      )
      expect(valid.map(({ record_id }) => record_id)).toEqual(message.truth.valid.map(({ record_id }) => record_id))
      const rest = found.filter((book) => !valid.includes(book)).map(({ record_id }) => record_id)
      expect(rest).toEqual(message.truth.rejected)
    }
  })

  it('makes malformed messages that no parser accepts', () => {
    const malformed = take(books({ seed: 4, bad: 1 }), 1_000).filter(({ truth }) => truth.kind === 'malformed')
    expect(malformed.length).toBeGreaterThan(400)
    for (const message of malformed) expect(XMLValidator.validate(textOf(message))).not.toBe(true)
  })

  it('keeps the asked shares of bad and repeated', () => {
    const messages = take(books({ seed: 9, bad: 0.01, duplicates: 0.05 }), 20_000)
    const share = (test: (message: BooksMessage) => boolean) => messages.filter(test).length / messages.length
    expect(share(({ truth }) => truth.kind === 'malformed')).toBeCloseTo(0.005, 2)
    expect(share(({ truth }) => truth.kind === 'bad_year')).toBeCloseTo(0.005, 2)
    const ids = messages.flatMap(({ truth }) => truth.valid.map(({ record_id }) => record_id))
    expect(1 - new Set(ids).size / ids.length).toBeCloseTo(0.05, 2)
    const rejected = new Set(messages.flatMap(({ truth }) => truth.rejected))
    expect(ids.some((id) => rejected.has(id))).toBe(false)
  })

  it('spreads books over thirty days from the start, as valid ISO times', () => {
    const start_ms = Date.UTC(2024, 1, 1)
    const added = take(books({ seed: 1, start_ms }), 2_000).flatMap(({ truth }) =>
      truth.valid.map((book) => book.added),
    )
    for (const time of added) expect(new Date(time).toISOString()).toBe(time)
    expect(new Set(added.map((time) => time.slice(0, 10))).size).toBe(30)
    expect(added.toSorted()[0]?.slice(0, 10)).toBe('2024-02-01')
  })
})

describe('events', () => {
  it('are JSON of ten fields and about 310 bytes, the same for the same seed', () => {
    const made = take(events({ seed: 1, duplicates: 0.05 }), 2_000)
    expect(take(events({ seed: 1, duplicates: 0.05 }), 2_000).map(textOf)).toEqual(made.map(textOf))
    for (const message of made) expect(Object.keys(JSON.parse(textOf(message)))).toHaveLength(10)
    const bytes = made.reduce((sum, { value }) => sum + value.length, 0) / made.length
    expect(bytes).toBeGreaterThan(290)
    expect(bytes).toBeLessThan(330)
  })

  it('has malformed ones when asked', () => {
    const bad = take(events({ seed: 1, bad: 0.5 }), 500).filter(({ truth }) => truth.kind === 'malformed')
    expect(bad.length).toBeGreaterThan(150)
    for (const message of bad) expect(() => JSON.parse(textOf(message))).toThrow()
  })
})
