import { books, events } from '../libs/testkit/src/generators/index.ts'

export interface Produced {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** What the outputs are checked against, counted while the messages were made. */
export interface Truth {
  messages: number
  bytes: number
  rows: number
  deadLetters: number
}

export interface Job {
  readonly name: string
  readonly sql: string
  readonly topic: string
  readonly messages: number
  /** Path of the table below the lake, and of its dead letters. */
  readonly table: string
  readonly deadLetters: string
  messagesFor(count: number, truth: Truth): Generator<Produced, void, void>
}

/** The books job: 5 % repeats, 1 % bad; distinct valid books are the rows, malformed messages and bad years the letters. */
function* someBooks(count: number, truth: Truth): Generator<Produced, void, void> {
  const source = books({ seed: 7, bad: 0.01, duplicates: 0.05 })
  const seen = new Set<string>()
  for (let i = 0; i < count; i++) {
    const message = source.next().value
    for (const book of message.truth.valid) seen.add(book.record_id)
    truth.deadLetters += message.truth.kind === 'malformed' ? 1 : message.truth.rejected.length
    truth.messages++
    truth.bytes += message.value.length
    yield message
  }
  truth.rows = seen.size
}

/** The json job: events of which those with a quantity of 1 are filtered out. */
function* someEvents(count: number, truth: Truth): Generator<Produced, void, void> {
  const source = events({ seed: 7 })
  for (let i = 0; i < count; i++) {
    const message = source.next().value
    truth.messages++
    if (!Buffer.from(message.value).includes('"quantity":1,')) truth.rows++
    truth.bytes += message.value.length
    yield message
  }
}

export const JOBS: Readonly<Record<string, Job>> = {
  books: {
    name: 'books',
    sql: 'sql/books_raw.sql',
    topic: 'book_data_topic',
    messages: 500_000,
    table: 'raw/books',
    deadLetters: 'raw/_millrace/raw_books/dead_letters',
    messagesFor: someBooks,
  },
  json: {
    name: 'json',
    sql: 'bench/sql/json.sql',
    topic: 'event_topic',
    messages: 2_000_000,
    table: 'raw/events',
    deadLetters: 'raw/_millrace/raw_events/dead_letters',
    messagesFor: someEvents,
  },
}
