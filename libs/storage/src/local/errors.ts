import { StorageError, type StorageErrorKind } from '../port.ts'

/** POSIX error codes by meaning. What is not here is `unavailable`: the disk said something that we cannot judge. */
const KIND_BY_CODE: Readonly<Record<string, StorageErrorKind>> = {
  ENOENT: 'not_found',
  EEXIST: 'exists',
  EACCES: 'permission',
  EPERM: 'permission',
  EROFS: 'permission',
  ENOSPC: 'no_space',
  EDQUOT: 'no_space',
  EFBIG: 'no_space',
  ENAMETOOLONG: 'invalid_path',
  ENOTDIR: 'invalid_path',
  EISDIR: 'invalid_path',
  EILSEQ: 'invalid_path',
  ELOOP: 'invalid_path',
  EXDEV: 'not_supported',
  ENOTSUP: 'not_supported',
  EOPNOTSUPP: 'not_supported',
  ENOSYS: 'not_supported',
  EMLINK: 'not_supported',
}

const MEANING: Readonly<Partial<Record<StorageErrorKind, string>>> = {
  not_found: 'there is no such file',
  exists: 'the name is taken',
  permission: 'the operating system does not allow it',
  no_space: 'the disk is full or its quota is used up',
  invalid_path: 'the path cannot exist on this file system',
  not_supported: 'this file system cannot do it',
  unavailable: 'the disk did not answer as it should',
}

/** What a link, and nothing else, answers where a file system has no hard links or the two names are too far apart. */
const NO_LINK_CODES: ReadonlySet<string> = new Set([
  'EXDEV',
  'EPERM',
  'EMLINK',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EACCES',
])

export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

export function cannotLink(error: unknown): boolean {
  return NO_LINK_CODES.has(codeOf(error))
}

/**
 * An operating system's error by its meaning, with the path as the port's caller knows it. Our own errors pass through.
 */
export function localError(error: unknown, path: string, doing: string): StorageError {
  if (error instanceof StorageError) return error
  const code = codeOf(error)
  const kind = KIND_BY_CODE[code] ?? 'unavailable'
  const reason = `${MEANING[kind] ?? kind}${code === '' ? '' : ` (${code})`}`
  return new StorageError(kind, path, `cannot ${doing} ${JSON.stringify(path)}: ${reason}`, error)
}
