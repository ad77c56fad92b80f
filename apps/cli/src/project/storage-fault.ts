import { MillraceError } from '@millrace/engine'
import { StorageError } from '@millrace/storage'

/** A storage error that reached the command line by itself, by its meaning; undefined for anything else. */
export const storageFault = (thrown: unknown): MillraceError | undefined => {
  if (!(thrown instanceof StorageError)) return undefined
  const details = { path: thrown.path, cause: thrown }
  switch (thrown.kind) {
    case 'invalid_path':
    case 'not_supported':
      return new MillraceError('ENG_CLI_USAGE', thrown.message, {
        ...details,
        hint: 'A location is a folder, file:///folder, s3://bucket/folder or webhdfs://namenode:9870/folder.',
      })
    case 'no_space':
      return new MillraceError('ENG_STORE_FULL', thrown.message, details)
    case 'permission':
    case 'exists':
      return new MillraceError('ENG_STORE_REFUSED', thrown.message, details)
    case 'corrupt':
      return new MillraceError('ENG_STORE_CORRUPT', thrown.message, details)
    case 'unsafe_store':
      return new MillraceError('ENG_STORE_UNSAFE', thrown.message, details)
    case 'not_found':
      return new MillraceError('ENG_STORE_COMMITTED_FILE_MISSING', thrown.message, details)
    default:
      return new MillraceError('ENG_STORE_UNAVAILABLE', thrown.message, details)
  }
}
