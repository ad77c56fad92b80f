import { SEGMENT_BYTES_MAX, storagePath } from '../path.ts'
import type { StoragePath } from '../port.ts'

/*
 * staged file = { "~" chunk "/" } chunk "~" sha256 ".staged"
 * The chunks together are the target, percent-encoded to [A-Za-z0-9._!'()*%-] and so without "/" and "~". A target that
 * fits into one name has one chunk; a longer one is spread over directories whose names begin with "~".
 * The name holds all that vacuum must know, and no reader of tables takes it for Parquet.
 */
const SUFFIX_CHARS = 1 + 64 + '.staged'.length
const CHUNK_CHARS = SEGMENT_BYTES_MAX - SUFFIX_CHARS
const STAGED_FILE = /^(.*)~([0-9a-f]{64})\.staged$/

export function stagedName(target: StoragePath, sha256: string): string {
  const encoded = encodeURIComponent(target).replaceAll('~', '%7E')
  const chunks: string[] = []
  for (let at = 0; at < encoded.length; at += CHUNK_CHARS) chunks.push(encoded.slice(at, at + CHUNK_CHARS))
  const last = chunks.pop() ?? ''
  return [...chunks.map((chunk) => `~${chunk}`), `${last}~${sha256}.staged`].join('/')
}

/** Reads a staged file's path (any directories before the name). Undefined for what no adapter made. */
export function parseStagedName(path: string): { readonly target: StoragePath; readonly sha256: string } | undefined {
  const segments = path.split('/')
  const [, last, sha256] = STAGED_FILE.exec(segments.pop() ?? '') ?? []
  if (last === undefined || sha256 === undefined) return undefined
  let encoded = last
  for (let chunk = segments.pop(); chunk?.startsWith('~'); chunk = segments.pop()) encoded = chunk.slice(1) + encoded
  try {
    return { target: storagePath(decodeURIComponent(encoded)), sha256 }
  } catch {
    return undefined
  }
}
