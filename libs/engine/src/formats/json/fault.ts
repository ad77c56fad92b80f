export interface JsonFault {
  readonly kind: 'malformed' | 'limit'
  /** What is wrong, for people, without the place. */
  readonly detail: string
  /** Byte offset from the start of the message. */
  readonly at: number
}

/** Where the parts of a scanner put the first fault; `fail` returns -1, the position that means "stop". */
export class JsonFaultCell {
  kind: JsonFault['kind'] = 'malformed'
  detail = ''
  at = -1

  fail(detail: string, at: number, kind: JsonFault['kind'] = 'malformed'): -1 {
    this.kind = kind
    this.detail = detail
    this.at = at
    return -1
  }
}
