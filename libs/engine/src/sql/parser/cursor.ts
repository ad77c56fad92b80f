import type { Span } from '../../core/diagnostics.ts'
import type { ErrorCode } from '../../core/errors/index.ts'
import { LIMITS } from '../../core/limits.ts'
import { didYouMean } from '../../core/suggest.ts'
import type { Identifier, SqlText } from '../ast.ts'
import type { DiagnosticSink } from '../diagnostic-sink.ts'
import { isReservedWord } from '../reserved-words.ts'
import type { Token } from '../token.ts'
import type { Brackets } from './brackets.ts'
import { joinTokens } from './sql-text.ts'

/**
 * Thrown after a complaint, to leave the clause; caught by {@link Cursor.attempt} in the loop over clauses or list
 * items, which goes on at the next one. Never leaves this folder.
 */
const SKIP = Symbol('skip')

/** One statement as its parser sees it. */
export interface StatementTokens {
  readonly source: string
  readonly tokens: readonly Token[]
  readonly brackets: Brackets
  readonly sink: DiagnosticSink
  /** String tokens with a secret that stand where one may. */
  readonly placedSecrets: Set<Token>
}

/** Reads a range of a statement's tokens. Brackets are known to be paired, so a range inside them is bounded. */
export class Cursor {
  readonly statement: StatementTokens
  /** Index of the first token of the range. */
  readonly from: number
  readonly #to: number
  #at: number

  constructor(statement: StatementTokens, from = 0, to = statement.tokens.length) {
    this.statement = statement
    this.from = from
    this.#at = from
    this.#to = to
  }

  get index(): number {
    return this.#at
  }

  get isDone(): boolean {
    return this.#at >= this.#to
  }

  /** The token `ahead` places on; past the end, an `end` token right after the last one. */
  peek(ahead = 0): Token {
    const token = this.#at + ahead < this.#to ? this.statement.tokens[this.#at + ahead] : undefined
    return token ?? this.#endToken()
  }

  #endToken(): Token {
    const last = this.statement.tokens[this.#to - 1]
    const following = this.statement.tokens[this.#to]
    const start = following?.start ?? last?.end ?? 0
    const end = following?.end ?? start
    return { kind: 'end', start, end, text: '', value: '', keyword: '', rewritten: false }
  }

  next(): Token {
    const token = this.peek()
    if (!this.isDone) this.#at += 1
    return token
  }

  /** True where the next tokens are these keywords or symbols. */
  at(...words: readonly string[]): boolean {
    return words.every((word, index) => {
      const token = this.peek(index)
      return token.keyword === word || (token.kind === 'symbol' && token.text === word)
    })
  }

  take(...words: readonly string[]): boolean {
    const found = this.at(...words)
    if (found) this.#at += words.length
    return found
  }

  /** Wants these keywords or symbols; otherwise complains of the first that is not there. */
  expect(...words: readonly string[]): void {
    for (const word of words) {
      if (!this.take(word)) this.failAt(this.peek(), `Here ${word} is wanted, not ${this.say(this.peek())}.`, [word])
    }
  }

  /** A name: bare and not reserved (where `reserved` words cannot be meant as such they will do), or quoted. */
  name(what: string, { reserved = false }: { readonly reserved?: boolean } = {}): Identifier {
    const token = this.peek()
    if (token.kind === 'name' && token.value !== '') {
      this.#at += 1
    } else if (token.kind === 'word' && (reserved || !isReservedWord(token.value))) {
      this.#at += 1
    } else if (token.kind === 'word') {
      const hint = `${token.value} is a reserved word; as a name it is written "${token.value}".`
      this.fail('ENG_SQL_SYNTAX', token, `Here ${what} is wanted, not ${this.say(token)}.`, hint)
    } else this.fail('ENG_SQL_SYNTAX', token, `Here ${what} is wanted, not ${this.say(token)}.`)
    return { name: token.value, span: this.span(token) }
  }

  /** A string literal without a secret in it: those are complained of at the end of the statement. */
  string(what: string): { readonly text: string; readonly span: Span } {
    const token = this.peek()
    if (token.kind !== 'string') {
      this.fail('ENG_SQL_SYNTAX', token, `Here ${what} is wanted, a string in single quotes, not ${this.say(token)}.`)
    }
    this.#at += 1
    return { text: token.value, span: this.span(token) }
  }

  /** What is left of this range, as a range of its own. */
  rest(): Cursor {
    return new Cursor(this.statement, this.#at, this.#to)
  }

  /** The inside of the brackets that open here, which are left behind. */
  group(what: string): Cursor {
    const close = this.statement.brackets.get(this.#at)
    if (!this.at('(') || close === undefined) {
      this.fail('ENG_SQL_SYNTAX', this.peek(), `Here ( is wanted, before ${what}, not ${this.say(this.peek())}.`)
    }
    const inside = new Cursor(this.statement, this.#at + 1, close)
    this.#at = close + 1
    return inside
  }

  /** What stands between the commas of this range, at its own depth: none where it is empty, `columns_max` at most. */
  items(): readonly Cursor[] {
    if (this.isDone) return []
    const first = this.peek()
    const items: Cursor[] = []
    let from = this.#at
    while (!this.isDone) {
      if (this.at(',')) {
        if (items.length + 1 === LIMITS.columns_max) {
          this.fail('ENG_SQL_LIST_TOO_LONG', first, `This list has more than ${LIMITS.columns_max} entries.`)
        }
        items.push(new Cursor(this.statement, from, this.#at))
        from = this.#at + 1
      }
      this.skipOne()
    }
    items.push(new Cursor(this.statement, from, this.#to))
    return items
  }

  /** Moves past one token, or past a whole bracketed group. */
  skipOne(): void {
    this.#at = Math.min((this.statement.brackets.get(this.#at) ?? this.#at) + 1, this.#to)
  }

  /** The rest of this range up to where `stop` says so (at this depth), or to its end; at least one token is wanted. */
  sqlText(what: string, stop: (cursor: Cursor) => boolean = () => false): SqlText {
    const from = this.#at
    while (!this.isDone && !stop(this)) this.skipOne()
    if (this.#at === from) {
      this.fail('ENG_SQL_SYNTAX', this.peek(), `Here ${what} is wanted, not ${this.say(this.peek())}.`)
    }
    return joinTokens(this.statement.source, this.statement.sink.file, this.statement.tokens.slice(from, this.#at))
  }

  /** Complains of what is left in this range. */
  expectEnd(after: string): void {
    if (this.isDone) return
    this.fail('ENG_SQL_SYNTAX', this.peek(), `After ${after} nothing can follow, but here is ${this.say(this.peek())}.`)
  }

  /** Says that secrets from `index` to the end of this range stand where a secret may. */
  placeSecrets(index: number): void {
    for (const token of this.statement.tokens.slice(index, this.#to)) this.statement.placedSecrets.add(token)
  }

  span(from: Token, to: Token = from): Span {
    return { file: this.statement.sink.file, start: from.start, end: to.end }
  }

  /** From the token at `index` to the last one that was read. */
  spanSince(index: number): Span {
    const { tokens } = this.statement
    return this.span(tokens[index]!, tokens[Math.max(index, this.#at - 1)]!)
  }

  /** A token for a message: as the user wrote it, so never with a secret's value, and cut where it is long. */
  say(token: Token): string {
    if (token.kind === 'end') {
      const closing = this.statement.source.slice(token.start, token.end)
      return closing === '' || closing === ';' ? 'the end of the statement' : `\`${closing}\``
    }
    if (token.kind === 'symbol') return `\`${token.text}\``
    const written = this.statement.source.slice(token.start, token.end).replace(/\s+/g, ' ')
    return written.length > 40 ? `${written.slice(0, 39)}…` : written
  }

  complain(code: ErrorCode, at: Token | Span, message: string, hint?: string): void {
    this.statement.sink.error({ code, start: at.start, end: at.end, message, hint })
  }

  fail(code: ErrorCode, at: Token | Span, message: string, hint?: string): never {
    this.complain(code, at, message, hint)
    throw SKIP
  }

  /** A syntax error whose hint is the nearest of the words that could stand there. */
  failAt(token: Token, message: string, words: readonly string[]): never {
    const hint = token.kind === 'word' ? didYouMean(token.value, words) : undefined
    this.fail('ENG_SQL_SYNTAX', token, message, hint)
  }

  /** One of a few words; another is complained of, with the nearest. */
  oneOf<const W extends string>(what: string, words: readonly W[]): W {
    const token = this.peek()
    const word = words.find((candidate) => token.keyword === candidate)
    if (word === undefined) {
      const list = words.join(', ')
      const hint = token.kind === 'word' ? didYouMean(token.value, words) : undefined
      this.fail('ENG_SQL_WORD_UNKNOWN', token, `Here ${what} is wanted (${list}), not ${this.say(token)}.`, hint)
    }
    this.#at += 1
    return word
  }

  /** Runs a parser; after its complaint, answers undefined with the cursor where it stopped. */
  attempt<T>(parse: () => T): T | undefined {
    try {
      return parse()
    } catch (thrown) {
      if (thrown !== SKIP) throw thrown
      return undefined
    }
  }
}
