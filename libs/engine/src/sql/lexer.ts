import { isDigit, isLetter, isNamePart, isSpace } from './characters.ts'
import { DiagnosticSink } from './diagnostic-sink.ts'
import { quoteName, quoteString } from './reserved-words.ts'
import { decodeEscapes, escapeString } from './string-literals.ts'
import type { Token, TokenKind } from './token.ts'
import {
  classifyBareValue,
  readReference,
  resolveReference,
  type VariableContext,
  type VariableReference,
  type Variables,
} from './variables.ts'

/**
 * Cuts a text into tokens by DuckDB's lexical rules (PostgreSQL's, with `1_000`, `$$`, nested comments), filling
 * `${…}` on the way: a value can end no literal and start no keyword, because it never meets the scanner. Comments are
 * not looked into. Never throws; the last token is always `end`.
 */
export const lex = (text: string, variables: Variables | undefined, sink: DiagnosticSink): readonly Token[] =>
  new Lexer(text, variables, sink).run()

/** Tokens of a text in which `${` means nothing: DuckDB SQL that was filled in before. */
export const lexFilled = (text: string): readonly Token[] => lex(text, undefined, new DiagnosticSink(''))

const NUMBER =
  /0[xX][0-9A-Fa-f](?:_?[0-9A-Fa-f])*|(?:\d(?:_?\d)*(?:\.(?!\.)(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d+)?/y
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y
const PARAMETER = /\$[A-Za-z0-9_\u0080-\uffff]+/y

/** A literal's inside: what it stands for, and whether a variable or `$${` was in it. */
interface Inside {
  readonly value: string
  readonly rewritten: boolean
  readonly shown?: string
}

class Lexer {
  readonly #text: string
  readonly #variables: Variables | undefined
  readonly #sink: DiagnosticSink
  readonly #tokens: Token[] = []
  #at = 0

  constructor(text: string, variables: Variables | undefined, sink: DiagnosticSink) {
    this.#text = text
    this.#variables = variables
    this.#sink = sink
  }

  run(): readonly Token[] {
    while (this.#skipBlanks() && !this.#sink.isFull) this.#token()
    const end = this.#text.length
    this.#tokens.push({ kind: 'end', start: end, end, text: '', value: '', keyword: '', rewritten: false })
    return this.#tokens
  }

  /** Moves past spaces and comments; false at the end of the text. */
  #skipBlanks(): boolean {
    const text = this.#text
    while (this.#at < text.length) {
      if (isSpace(text[this.#at]!)) this.#at += 1
      else if (text.startsWith('--', this.#at)) this.#skipLineComment()
      else if (text.startsWith('/*', this.#at)) this.#skipBlockComment()
      else return true
    }
    return false
  }

  #skipLineComment(): void {
    while (this.#at < this.#text.length && this.#text[this.#at] !== '\n' && this.#text[this.#at] !== '\r') this.#at += 1
  }

  #skipBlockComment(): void {
    const start = this.#at
    let depth = 0
    const mark = /\/\*|\*\//g
    mark.lastIndex = start
    for (let match = mark.exec(this.#text); match !== null; match = mark.exec(this.#text)) {
      depth += match[0] === '/*' ? 1 : -1
      this.#at = mark.lastIndex
      if (depth === 0) return
    }
    this.#at = this.#text.length
    this.#unterminated(start, start + 2, 'This comment is not closed.', 'Comments nest: each /* wants a */ of its own.')
  }

  #unterminated(start: number, end: number, message: string, hint?: string): void {
    this.#sink.error({ code: 'ENG_SQL_UNTERMINATED', start, end, message, hint })
  }

  #token(): void {
    const start = this.#at
    const character = this.#text[start]!
    const next = this.#text[start + 1] ?? ''
    if (character === "'") this.#quoted('string', start + 1)
    else if ((character === 'e' || character === 'E') && next === "'") this.#quoted('escape', start + 2)
    else if (character === '"') this.#quoted('name', start + 1)
    else if (isLetter(character) || (this.#variables !== undefined && character === '$' && next === '{')) this.#word()
    else if (isDigit(character) || (character === '.' && isDigit(next))) this.#number()
    else if (character === '$') this.#dollar()
    else {
      this.#at += 1
      this.#push(character === '?' ? 'parameter' : 'symbol', start, {})
    }
  }

  #push(kind: TokenKind, start: number, given: { text?: string; value?: string; shown?: string }): void {
    const raw = this.#text.slice(start, this.#at)
    const text = given.text ?? raw
    const rewritten = given.text !== undefined
    this.#tokens.push({
      kind,
      start,
      end: this.#at,
      text,
      value: given.value ?? raw,
      keyword: kind === 'word' && !rewritten ? raw.toUpperCase() : '',
      rewritten,
      ...(given.shown === undefined ? {} : { shown: given.shown }),
    })
  }

  #number(): void {
    const start = this.#at
    NUMBER.lastIndex = start
    this.#at = start + (NUMBER.exec(this.#text)?.[0].length ?? 1)
    if (this.#variables !== undefined && this.#text.startsWith('${', this.#at)) {
      this.#badValue(
        start,
        this.#at + 2,
        'A variable cannot go on a number.',
        'Let the variable hold the whole number.',
      )
    }
    this.#push('number', start, {})
  }

  #dollar(): void {
    const start = this.#at
    DOLLAR_TAG.lastIndex = start
    const tag = DOLLAR_TAG.exec(this.#text)?.[0]
    if (tag !== undefined) {
      this.#dollarString(start, tag)
      return
    }
    PARAMETER.lastIndex = start
    const parameter = PARAMETER.exec(this.#text)?.[0]
    this.#at = start + (parameter?.length ?? 1)
    this.#push(parameter === undefined ? 'symbol' : 'parameter', start, {})
  }

  #dollarString(start: number, tag: string): void {
    const from = start + tag.length
    const close = this.#text.indexOf(tag, from)
    if (close < 0) this.#unterminated(start, from, `This string is not closed: it ends with ${tag}.`)
    const end = close < 0 ? this.#text.length : close
    const inside = this.#inside(from, end, 'dollar', (raw) => raw)
    this.#at = close < 0 ? end : close + tag.length
    this.#pushString(start, inside)
  }

  /** A literal between `'` or `"`, whose inside starts at `from`. */
  #quoted(kind: 'string' | 'escape' | 'name', from: number): void {
    const start = this.#at
    const quote = kind === 'name' ? '"' : "'"
    const close = this.#closing(from, quote, kind === 'escape')
    if (close < 0) {
      const what = kind === 'name' ? 'quoted name' : 'string'
      this.#unterminated(start, from, `This ${what} is not closed.`, `Inside it, ${quote} is written ${quote}${quote}.`)
    }
    const end = close < 0 ? this.#text.length : close
    const decode = kind === 'escape' ? decodeEscapes : (raw: string) => raw.replaceAll(quote + quote, quote)
    const inside = this.#inside(from, end, kind === 'name' ? 'name' : 'string', decode)
    this.#at = close < 0 ? end : close + 1
    if (kind !== 'name') this.#pushString(start, inside)
    else
      this.#push('name', start, { value: inside.value, ...(inside.rewritten ? { text: quoteName(inside.value) } : {}) })
  }

  #pushString(start: number, { value, rewritten, shown }: Inside): void {
    // The space keeps a literal that began with `e` or `$` apart from a literal right before it.
    const text = rewritten ? { text: (this.#text[start] === "'" ? '' : ' ') + quoteString(value) } : {}
    this.#push('string', start, { value, ...text, ...(shown === undefined ? {} : { shown }) })
  }

  /** Index of the quote that closes the literal, or -1. */
  #closing(from: number, quote: string, backslashes: boolean): number {
    const text = this.#text
    for (let at = from; at < text.length; at++) {
      if (backslashes && text[at] === '\\') at += 1
      else if (text[at] === quote) {
        if (text[at + 1] !== quote) return at
        at += 1
      }
    }
    return -1
  }

  /** The value of the literal's inside `[from, end)`, variables filled in. */
  #inside(from: number, end: number, context: VariableContext, decode: (raw: string) => string): Inside {
    const text = this.#text
    if (this.#variables === undefined || !text.slice(from, end).includes('${')) {
      return { value: decode(text.slice(from, end)), rewritten: false }
    }
    let value = ''
    let shown = ''
    let secret = false
    let rewritten = false
    let literal = from
    const flush = (to: number): void => {
      const piece = decode(text.slice(literal, to))
      value += piece
      shown += escapeString(piece)
    }
    for (let at = from; at < end; at++) {
      const escaped = context === 'string' && text[at] === '\\' && decode === decodeEscapes
      if (escaped) at += 1
      else if (text.startsWith('$${', at)) {
        flush(at)
        literal = at + 1
        at += 2
        rewritten = true
      } else if (text.startsWith('${', at)) {
        const reference = readReference(text, at, context, this.#sink)
        if (reference === undefined || reference.end > end) {
          if (this.#sink.isFull) break
          continue
        }
        flush(at)
        const filled = this.#fillInside(reference, context, decode)
        value += filled.value
        shown += `\${${reference.name}}`
        secret ||= filled.secret
        rewritten = true
        literal = reference.end
        at = reference.end - 1
      }
    }
    flush(end)
    return { value, rewritten, ...(secret ? { shown } : {}) }
  }

  #fillInside(
    reference: VariableReference,
    context: VariableContext,
    decode: (raw: string) => string,
  ): { readonly value: string; readonly secret: boolean } {
    const { start, end, name } = reference
    const resolved = resolveReference(reference, this.#variables!, this.#sink)
    if (resolved.kind === 'unknown') return { value: name, secret: false }
    const value = resolved.kind === 'default' ? decode(resolved.value) : resolved.value
    if (value.includes('\0')) this.#badValue(start, end, `The value of ${name} holds a NUL character.`)
    else if (context === 'name' && !['name', 'number'].includes(classifyBareValue(value))) {
      this.#badValue(start, end, `The value of ${name} is neither an identifier nor a number.`)
    } else return { value, secret: resolved.secret }
    return { value: name, secret: false }
  }

  #badValue(start: number, end: number, message: string, hint?: string): void {
    this.#sink.error({ code: 'ENG_SQL_VARIABLE_VALUE', start, end, message, hint })
  }

  /** A bare word, of letters and `${…}` in any order. */
  #word(): void {
    const start = this.#at
    const text = this.#text
    let value = ''
    let filled = 0
    while (this.#at < text.length) {
      if (this.#variables !== undefined && text.startsWith('${', this.#at)) {
        value += this.#fillBare()
        filled += 1
      } else if (isNamePart(text[this.#at]!)) {
        value += text[this.#at]!
        this.#at += 1
      } else break
    }
    if (filled === 0) this.#push('word', start, {})
    else this.#pushFilled(start, value)
  }

  /** Moves past one `${…}` outside literals and answers its value. */
  #fillBare(): string {
    const start = this.#at
    const reference = readReference(this.#text, start, 'code', this.#sink)
    this.#at = reference?.end ?? start + 2
    if (reference === undefined) return '_'
    const resolved = resolveReference(reference, this.#variables!, this.#sink)
    if (resolved.kind === 'unknown') return reference.name
    if (resolved.secret) {
      this.#sink.error({
        code: 'ENG_SQL_SECRET_PLACE',
        start,
        end: this.#at,
        message: `The secret ${reference.name} stands outside a string.`,
      })
      return reference.name
    }
    return resolved.value
  }

  /** Takes a filled word as the one name or number that it must be. */
  #pushFilled(start: number, value: string): void {
    const kind = classifyBareValue(value)
    if (kind === 'other' || this.#text[this.#at] === "'") {
      const message = kind === 'other' ? 'This is filled with what is neither an identifier nor a number.' : undefined
      this.#badValue(start, this.#at, message ?? 'A variable cannot stand right before a string.')
      this.#push('word', start, { text: '_', value: '_' })
    } else if (kind === 'quoted') {
      this.#push('name', start, { text: value, value: value.slice(1, -1).replaceAll('""', '"') })
    } else if (kind === 'number') {
      this.#push('number', start, { text: value.startsWith('-') ? `(${value})` : value, value })
    } else this.#push('word', start, { text: value, value })
  }
}
