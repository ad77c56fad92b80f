import type { StoragePath } from '@millrace/storage'
import { below, encodeName, joinPath, parentOf } from './names.ts'

/**
 * Where everything lies (docs/protocol.md, Layout). State, in one store:
 *   <parent of LOCATION>/_millrace/<pipeline>/{instance, epochs/%020d, commits/%020d.json, published/%020d,
 *     dead_letters/<version>-<n>.parquet, state/<stream>/<bucket>/<version>-<kind>.parquet, staging/…}
 * and beside each table, in the table's own store:
 *   <parent of LOCATION>/_millrace/<pipeline>/{owner, staging/…}
 *   <LOCATION>/<partition>/<pipeline>-<instance>-<version>-<n>.parquet
 */
export const STATE_DIRECTORY = '_millrace'

/** The folder of one pipeline beside a table, or below a --state place; `parent` is empty at the store's root. */
export const pipelineRoot = (parent: string, pipeline: string): StoragePath =>
  joinPath(parent, STATE_DIRECTORY, encodeName(pipeline))

/** Default state root: beside the pipeline's first table. */
export const stateRootOf = (tableRoot: StoragePath, pipeline: string): StoragePath =>
  pipelineRoot(parentOf(tableRoot), pipeline)

const twenty = (n: number): string => String(n).padStart(20, '0')

export const instancePath = (root: StoragePath): StoragePath => below(root, 'instance')
export const ownerPath = (root: StoragePath): StoragePath => below(root, 'owner')
export const epochPath = (root: StoragePath, epoch: number): StoragePath => below(root, `epochs/${twenty(epoch)}`)
export const commitsRoot = (root: StoragePath): StoragePath => below(root, 'commits')
export const commitPath = (root: StoragePath, version: number): StoragePath =>
  below(root, `commits/${twenty(version)}.json`)
export const publishedPath = (root: StoragePath, version: number): StoragePath =>
  below(root, `published/${twenty(version)}`)
export const stagingRoot = (root: StoragePath): StoragePath => below(root, 'staging')
export const stagingPath = (root: StoragePath, version: number): StoragePath => below(root, `staging/${version}`)

/** The version that a path of `commits/` names, or undefined. */
export const versionOfCommitPath = (path: StoragePath): number | undefined => {
  const match = /\/(\d{20})\.json$/.exec(path)
  return match ? Number(match[1]) : undefined
}

export const dataFilePath = (
  table: StoragePath,
  partition: string,
  name: { readonly pipeline: string; readonly instance: string; readonly version: number; readonly n: number },
): StoragePath =>
  joinPath(table, partition, `${encodeName(name.pipeline)}-${name.instance}-${name.version}-${name.n}.parquet`)

export const deadLettersRoot = (root: StoragePath): StoragePath => below(root, 'dead_letters')
export const deadLetterPath = (root: StoragePath, version: number, n: number): StoragePath =>
  below(root, `dead_letters/${version}-${n}.parquet`)

export const stateFilesRoot = (root: StoragePath): StoragePath => below(root, 'state')
export const stateFilePath = (
  root: StoragePath,
  file: { readonly stream: string; readonly bucket_start_ms: number; readonly kind: string },
  version: number,
): StoragePath =>
  joinPath(root, 'state', encodeName(file.stream), String(file.bucket_start_ms), `${version}-${file.kind}.parquet`)

/** Who wrote a data file, by its name: undefined for files that are not of this pipeline name. */
export const dataFileOwner = (
  path: StoragePath,
  pipeline: string,
): { readonly instance: string; readonly version: number } | undefined => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const prefix = `${encodeName(pipeline)}-`
  if (!name.startsWith(prefix)) return undefined
  const match = /^([0-9a-f]{8})-(\d+)-\d+\.parquet$/.exec(name.slice(prefix.length))
  return match ? { instance: match[1] as string, version: Number(match[2]) } : undefined
}

/** The version that any target path of this log carries (data, dead letters, state), or undefined. */
export const versionOfTarget = (path: StoragePath): number | undefined => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const match = /(?:^|-[0-9a-f]{8}-)(\d+)-(?:\d+|delta|snapshot)\.parquet$/.exec(name)
  return match ? Number(match[1]) : undefined
}
