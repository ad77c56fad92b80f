import { parseStagedName, stagedName } from '../local/staged-name.ts'
import { joinPath, segmentFault } from '../path.ts'
import { type StagedObject, StorageError, type StoragePath } from '../port.ts'

/** The directory of one upload: never two, so that it can be removed whole, and a late upload meets nothing. */
const OWN_DIRECTORY = /-[0-9a-f]{16}$/

/** `<stagingDir>/<attempt>-<id>/<staged name>`, see `stagedName`. `id` is 16 hex digits, new each time. */
export function stagedHandle(
  stagingDir: StoragePath,
  attempt: string,
  id: string,
  target: StoragePath,
  sha256: string,
): string {
  return `${joinPath(stagingDir, `${attempt}-${id}`)}/${stagedName(target, sha256)}`
}

/** The directory of the upload alone, out of a handle that a commit record gave. Throws `invalid_path`. */
export function ownDirectory(object: StagedObject, location: string): string {
  const segments = object.handle.split('/')
  const sound = segments.every((segment) => segmentFault(segment) === undefined)
  const at = segments.slice(0, -1).findLastIndex((segment) => !segment.startsWith('~'))
  if (
    !sound ||
    at < 1 ||
    !OWN_DIRECTORY.test(segments[at]!) ||
    parseStagedName(object.handle)?.target !== object.target
  ) {
    const message = `the staged handle ${JSON.stringify(object.handle)} is not one of ${location} for its target`
    throw new StorageError('invalid_path', object.target, message)
  }
  return segments.slice(0, at + 1).join('/')
}
