import { StorageError } from '../port.ts'

/** Of every part but the last: above S3's least (5 MiB), small enough to hold some of them in memory. */
export const PART_BYTES_MIN = 8 << 20
export const PART_BYTES_MAX = 16 << 20
/** S3's limit of one upload. */
export const PARTS_MAX = 10_000

/**
 * How a file is cut: all parts but the last are `part_bytes` long, and even an empty file has one. Throws StorageError
 * `not_supported` past 10,000 parts of 16 MiB (156 GiB).
 */
export function planParts(path: string, bytes: number): { readonly part_bytes: number; readonly parts: number } {
  const part_bytes = bytes > PART_BYTES_MIN * PARTS_MAX ? PART_BYTES_MAX : PART_BYTES_MIN
  const parts = Math.max(1, Math.ceil(bytes / part_bytes))
  if (parts > PARTS_MAX) {
    const message = `${JSON.stringify(path)} has ${bytes} bytes; one upload takes at most ${PARTS_MAX * PART_BYTES_MAX}`
    throw new StorageError('not_supported', path, message)
  }
  return { part_bytes, parts }
}

/** Memory for parts on their way: at most `buffers_max` of them, whatever the number of uploads. */
export class PartBuffers {
  readonly #idle: Uint8Array[] = []
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(buffers_max: number) {
    this.#free = buffers_max
  }

  /** Waits for a buffer of at least `bytes`; it must be given back. */
  async take(bytes: number): Promise<Uint8Array> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    const at = this.#idle.findIndex((buffer) => buffer.length >= bytes)
    if (at >= 0) return this.#idle.splice(at, 1)[0]!
    return new Uint8Array(bytes)
  }

  /** Keeps full-size buffers for the next taker. */
  give(buffer: Uint8Array): void {
    if (buffer.length >= PART_BYTES_MIN) this.#idle.push(buffer)
    const next = this.#waiting.shift()
    if (next === undefined) this.#free += 1
    else next()
  }
}
