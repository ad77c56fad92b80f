/** Byte classes of the scanner. All bytes from 0x80 on are plain: the caller has checked that the text is UTF-8. */

/** XML 1.0 white space. */
export const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x09 || byte === 0x0d

const isIllegal = (byte: number): boolean => byte < 0x20 && !isSpace(byte)

const table = (special: string): Uint8Array => {
  const classes = new Uint8Array(256)
  for (let byte = 0; byte < 0x20; byte++) if (isIllegal(byte)) classes[byte] = 1
  // 0xEF leads U+FFFE and U+FFFF, which no XML document may hold.
  classes[0xef] = 1
  for (const char of special) classes[char.charCodeAt(0)] = 1
  return classes
}

/** 0: stands for itself in text. The rest ends a run: `<`, `&`, `]` (of `]]>`), `\r` (line ends), illegal bytes. */
export const TEXT_STOPS = table('<&]\r')
/** The same for attribute values; white space is there because it is normalised to a blank. */
export const ATTRIBUTE_STOPS = table('<&\'"\t\n\r')
/** The same for comments, processing instructions and CDATA sections. */
export const RAW_STOPS = table('-?]\r')

export const NAME_START = 1
export const NAME_CHAR = 2
/** Bits NAME_START and NAME_CHAR for ASCII; bytes from 0x80 on must be decoded and asked with {@link isNameCode}. */
export const NAME_CLASSES = new Uint8Array(256)
for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:')
  NAME_CLASSES[char.charCodeAt(0)] = NAME_START | NAME_CHAR
for (const char of '-.0123456789') NAME_CLASSES[char.charCodeAt(0)] = NAME_CHAR

// XML 1.0 (5th edition), productions [4] and [4a], beyond ASCII: pairs of first and last code points.
const START_RANGES = [
  0xc0, 0xd6, 0xd8, 0xf6, 0xf8, 0x2ff, 0x370, 0x37d, 0x37f, 0x1fff, 0x200c, 0x200d, 0x2070, 0x218f, 0x2c00, 0x2fef,
  0x3001, 0xd7ff, 0xf900, 0xfdcf, 0xfdf0, 0xfffd, 0x10000, 0xeffff,
]
const MORE_RANGES = [0xb7, 0xb7, 0x300, 0x36f, 0x203f, 0x2040]

const within = (ranges: readonly number[], code: number): boolean => {
  for (let i = 0; i < ranges.length; i += 2) if (code >= ranges[i]! && code <= ranges[i + 1]!) return true
  return false
}

/** Whether a code point from 0x80 on may stand in a name (at its start). */
export const isNameCode = (code: number, start: boolean): boolean =>
  within(START_RANGES, code) || (!start && within(MORE_RANGES, code))

/** Production [2] Char: what may be in a document at all. */
export const isXmlCode = (code: number): boolean =>
  (code >= 0x20 && code <= 0xd7ff) ||
  code === 0x09 ||
  code === 0x0a ||
  code === 0x0d ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff)

/** U+FFFE and U+FFFF in UTF-8, at a byte 0xEF. */
export const isNonCharacter = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2]! >= 0xbe

/** Number of bytes of the UTF-8 sequence that `lead` starts. */
export const sequenceLength = (lead: number): number => (lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4)

/** Code point at `at` of valid UTF-8. */
export const codePointAt = (bytes: Uint8Array, at: number): number => {
  const lead = bytes[at]!
  if (lead < 0x80) return lead
  const a = bytes[at + 1]! & 0x3f
  if (lead < 0xe0) return ((lead & 0x1f) << 6) | a
  const b = bytes[at + 2]! & 0x3f
  if (lead < 0xf0) return ((lead & 0x0f) << 12) | (a << 6) | b
  return ((lead & 0x07) << 18) | (a << 12) | (b << 6) | (bytes[at + 3]! & 0x3f)
}

/** Writes a code point as UTF-8 and returns how many bytes it took. */
export const encodeCodePoint = (code: number, to: Uint8Array, at: number): number => {
  if (code < 0x80) {
    to[at] = code
    return 1
  }
  if (code < 0x800) {
    to[at] = 0xc0 | (code >> 6)
    to[at + 1] = 0x80 | (code & 0x3f)
    return 2
  }
  if (code < 0x10000) {
    to[at] = 0xe0 | (code >> 12)
    to[at + 1] = 0x80 | ((code >> 6) & 0x3f)
    to[at + 2] = 0x80 | (code & 0x3f)
    return 3
  }
  to[at] = 0xf0 | (code >> 18)
  to[at + 1] = 0x80 | ((code >> 12) & 0x3f)
  to[at + 2] = 0x80 | ((code >> 6) & 0x3f)
  to[at + 3] = 0x80 | (code & 0x3f)
  return 4
}
