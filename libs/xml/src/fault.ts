export type XmlFaultKind = 'malformed' | 'doctype' | 'limit' | 'encoding'

export interface XmlFault {
  readonly kind: XmlFaultKind
  /** What is wrong, for people, without the place. */
  readonly detail: string
  /** Byte offset from the start of the message. */
  readonly at: number
}

/** Limits of one message. `scan` faults with kind `limit` when one is passed. */
export interface XmlLimits {
  readonly depth_max: number
  readonly attributes_max: number
  readonly attribute_bytes_max: number
  /** Of one value, and of one run of text. */
  readonly text_bytes_max: number
  readonly rows_max: number
  /** Of one column's values in one message: repeating a parent's value per nested row multiplies them. */
  readonly column_bytes_max: number
}

export const XML_LIMITS: XmlLimits = {
  depth_max: 256,
  attributes_max: 1_000,
  attribute_bytes_max: 1024 * 1024,
  text_bytes_max: 16 * 1024 * 1024,
  rows_max: 1_000_000,
  column_bytes_max: 64 * 1024 * 1024,
}

/** Where the parts of a scanner put the first fault; `fail` returns -1, the position that means "stop". */
export class FaultCell {
  kind: XmlFaultKind = 'malformed'
  detail = ''
  at = -1

  fail(kind: XmlFaultKind, detail: string, at: number): -1 {
    this.kind = kind
    this.detail = detail
    this.at = at
    return -1
  }

  malformed(detail: string, at: number): -1 {
    return this.fail('malformed', detail, at)
  }
}

/** Bytes of a message as text for a fault's detail: at most 40 of them, all printable ASCII. */
export const excerpt = (bytes: Uint8Array, from: number, to: number): string => {
  let text = ''
  for (let i = from; i < to && i < from + 40; i++) {
    const byte = bytes[i] ?? 0
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : byte < 0x80 ? '?' : '\u00b7'
  }
  return to - from > 40 ? `${text}…` : text
}
