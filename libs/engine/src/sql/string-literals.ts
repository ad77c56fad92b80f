const SIMPLE_ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

const ESCAPE = /\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([0-7]{1,3})|([\s\S]))|''/g

/** The value of the inside of an `e'…'` string (PostgreSQL's C-style escapes, which DuckDB follows). */
export const decodeEscapes = (raw: string): string =>
  raw.replace(ESCAPE, (whole, hex?: string, short?: string, long?: string, octal?: string, other?: string) => {
    if (whole === "''") return "'"
    const digits = hex ?? short ?? long
    const codePoint = digits === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(digits, 16)
    if (Number.isNaN(codePoint)) return SIMPLE_ESCAPES[other!] ?? other!
    return codePoint > 0x10ffff ? '\ufffd' : String.fromCodePoint(codePoint)
  })

/** `${` written so that it is no variable. (In a replacement text `$$` would mean one `$`, hence the function.) */
export const escapeVariables = (text: string): string => text.replaceAll('${', () => '$${')

/** The inside of a plain string literal of our files. */
export const escapeString = (value: string): string => escapeVariables(value.replaceAll("'", "''"))

/** A string literal as our parser reads it back; for DuckDB's own text use `quoteString`. */
export const printString = (value: string): string => `'${escapeString(value)}'`
