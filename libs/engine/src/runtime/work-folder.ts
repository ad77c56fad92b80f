import { mkdir, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { MillraceError } from '../core/errors/index.ts'

const PREFIX = 'work-'

const safeHost = (): string => hostname().replace(/[^A-Za-z0-9]/g, '_') || 'host'

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** What the disk under a work folder said, by its meaning. */
const diskError = (thrown: unknown, path: string): MillraceError => {
  const { code, message } = thrown as NodeJS.ErrnoException
  const details = { path, cause: thrown }
  if (code === 'ENOSPC' || code === 'EDQUOT') return new MillraceError('ENG_DUCKDB_DISK_FULL', message, details)
  const refused = code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR'
  if (refused) return new MillraceError('ENG_STORE_REFUSED', `The folder ${path} cannot be made: ${message}`, details)
  return new MillraceError('ENG_DUCKDB_IO', message, details)
}

type MakeDirectory = (path: string, options?: { readonly recursive: true }) => Promise<unknown>

/**
 * Node's recursive mkdir says ENOENT where the file system is read-only (EROFS is lost on its way up). Made one by one,
 * the folders give the reason.
 */
const makeOneByOne = async (path: string, make: MakeDirectory): Promise<void> => {
  try {
    await make(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    await makeOneByOne(dirname(path), make)
    await make(path)
  }
}

/** Makes a folder and those above it. Throws ENG_DUCKDB_DISK_FULL, ENG_DUCKDB_IO, ENG_STORE_REFUSED. */
export const makeFolder = async (path: string, make: MakeDirectory = mkdir): Promise<void> => {
  try {
    await make(path, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return makeOneByOne(path, make)
    })
  } catch (thrown) {
    throw diskError(thrown, path)
  }
}

/**
 * Makes the folder in which one run of a pipeline keeps its temporary files, and removes those that dead processes of
 * this machine left in the same place. Nothing in such a folder was ever promised to anybody: what is staged lies
 * elsewhere.
 */
export const createWorkFolder = async (root: string, id: string): Promise<string> => {
  await makeFolder(root)
  const mine = `${PREFIX}${safeHost()}-${process.pid}-`
  for (const name of await readdir(root)) {
    const match = /^work-([A-Za-z0-9_]+)-(\d+)-[0-9a-f]+$/.exec(name)
    if (!match || match[1] !== safeHost()) continue
    const pid = Number(match[2])
    if (pid === process.pid || isAlive(pid)) continue
    await rm(join(root, name), { recursive: true, force: true })
  }
  const folder = join(root, `${mine}${id}`)
  await makeFolder(folder)
  return folder
}
