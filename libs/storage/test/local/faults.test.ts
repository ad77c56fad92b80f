import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLocalStorage } from '../../src/local/index.ts'
import { storagePath } from '../../src/path.ts'
import type { LocalFile, StorageAdapter } from '../../src/port.ts'
import { faultyFileSystem } from '../support/full-disk.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'storage-faults-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const RECORD = new TextEncoder().encode('a record')
const COMMIT = storagePath('commits/1')
const TARGET = storagePath('books/day=1/f')

async function localFile(text = 'some rows'): Promise<LocalFile> {
  const path = join(folder, 'local')
  await writeFile(path, text)
  return { path, bytes: text.length, sha256: createHash('sha256').update(text).digest('hex') }
}

async function commitPath(adapter: StorageAdapter, file: LocalFile): Promise<void> {
  const staged = await adapter.stage(file, TARGET, storagePath('staging/1'), 'attempt')
  await adapter.createIfAbsent(COMMIT, RECORD)
  await adapter.publish(staged)
}

/** All names below the root, also those that listings hide. */
async function everyFile(): Promise<string[]> {
  const found = await readdir(join(folder, 'lake'), { recursive: true, withFileTypes: true }).catch(() => [])
  return found.filter((entry) => entry.isFile()).map((entry) => entry.name)
}

describe('the local adapter on a full disk', () => {
  const operations = ['write', 'sync', 'link', 'makeDirectory', 'open'] as const

  it('leaves nothing half-written, says no_space, and goes on when there is room: at every operation', async () => {
    let completed = false
    for (let from = 1; !completed; from += 1) {
      await rm(join(folder, 'lake'), { recursive: true, force: true })
      const disk = faultyFileSystem({ code: 'ENOSPC', operations, from, count: 2 })
      const adapter = openLocalStorage({ root: join(folder, 'lake'), fileSystem: disk.fileSystem })
      const file = await localFile()
      const error = await commitPath(adapter, file).catch((thrown: unknown) => thrown)
      completed = disk.failed === 0
      if (error !== undefined) expect(error).toMatchObject({ name: 'StorageError', kind: 'no_space' })
      expect((await everyFile()).filter((name) => name.endsWith('.tmp'))).toEqual([])
      for (const path of [COMMIT, TARGET]) {
        const bytes = await adapter.read(path).catch(() => undefined)
        if (bytes !== undefined) expect(bytes.length).toBe(path === COMMIT ? RECORD.length : file.bytes)
      }
      await commitPath(openLocalStorage({ root: join(folder, 'lake') }), file)
      expect(from).toBeLessThan(50)
    }
  })

  it('copies what it cannot link, and leaves no half of a copy', async () => {
    const linkless = faultyFileSystem({ code: 'EXDEV', operations: ['link'], from: 1 })
    let writes = 0
    const fileSystem = {
      ...linkless.fileSystem,
      open: async (path: string, mode: 'read' | 'create') => {
        const file = await linkless.fileSystem.open(path, mode)
        const write = async (bytes: Uint8Array): Promise<void> => {
          writes += 1
          await file.write(bytes.subarray(0, 3))
          throw Object.assign(new Error('full'), { code: 'ENOSPC' })
        }
        return mode === 'create' ? { ...file, write } : file
      },
    }
    const adapter = openLocalStorage({ root: join(folder, 'lake'), fileSystem })
    const file = await localFile()
    const staged = adapter.stage(file, TARGET, storagePath('staging/1'), 'attempt')
    await expect(staged).rejects.toMatchObject({ kind: 'no_space', path: TARGET })
    expect(writes).toBe(1)
    expect(await everyFile()).toEqual([])
  })
})

describe('the local adapter on a disk with faults', () => {
  const open = (code: string, operation: Parameters<typeof faultyFileSystem>[0]['operations'][number], count = 1) => {
    const disk = faultyFileSystem({ code, operations: [operation], from: 1, count })
    return openLocalStorage({ root: join(folder, 'lake'), fileSystem: disk.fileSystem })
  }

  it.each([
    ['EACCES', 'permission'],
    ['EROFS', 'permission'],
    ['EDQUOT', 'no_space'],
    ['ENAMETOOLONG', 'invalid_path'],
    ['EIO', 'unavailable'],
    ['EWHATEVER', 'unavailable'],
  ])('says of %s that it is %s, with the path and the cause', async (code, kind) => {
    const error = await open(code, 'open')
      .createIfAbsent(COMMIT, RECORD)
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ kind, path: COMMIT, cause: { code } })
    expect(String(error)).toContain(code)
  })

  it('does not know about a record whose name could not be synced', async () => {
    await mkdir(join(folder, 'lake/commits'), { recursive: true })
    const disk = faultyFileSystem({ code: 'EIO', operations: ['syncDirectory'], from: 4 })
    const adapter = openLocalStorage({ root: join(folder, 'lake'), fileSystem: disk.fileSystem })
    const answers: unknown[] = []
    for (let i = 0; i < 3; i += 1) {
      answers.push(await adapter.createIfAbsent(storagePath(`commits/${i}`), RECORD).catch((error) => error.kind))
    }
    expect(disk.failed).toBe(1)
    expect(answers).toContain('ambiguous_write')
  })

  it('does not know about a record whose link failed without a reason', async () => {
    await expect(open('EIO', 'link').createIfAbsent(COMMIT, RECORD)).rejects.toMatchObject({ kind: 'ambiguous_write' })
  })

  it('is refused by the probe where links do not work, in words', async () => {
    const probe = open('EPERM', 'link', 1000).probe(storagePath('_millrace'))
    await expect(probe).rejects.toMatchObject({ kind: 'unsafe_store' })
    await expect(probe).rejects.toThrow(/no hard links/)
    expect(await everyFile()).toEqual([])
  })

  it('stages a copy where the local file is on another file system', async () => {
    const adapter = open('EXDEV', 'link')
    await commitPath(adapter, await localFile())
    expect((await readFile(join(folder, 'lake', TARGET))).toString()).toBe('some rows')
  })

  it('does not trust a second sync of a file whose first sync failed', async () => {
    const adapter = open('EIO', 'sync')
    const file = await localFile()
    const staged = await adapter.stage(file, TARGET, storagePath('staging/1'), 'attempt')
    await writeFile(file.path, 'changed!!')
    await adapter.publish(staged)
    expect((await readFile(join(folder, 'lake', TARGET))).toString()).toBe('some rows')
  })

  it('tells a lost answer from a lost race', async () => {
    const disk = faultyFileSystem({ code: 'EEXIST', operations: [], from: 1 })
    const fileSystem = {
      ...disk.fileSystem,
      link: async (existing: string, added: string) => {
        await disk.fileSystem.link(existing, added)
        throw Object.assign(new Error('sent again'), { code: 'EEXIST' })
      },
    }
    const adapter = openLocalStorage({ root: join(folder, 'lake'), fileSystem })
    expect(await adapter.createIfAbsent(COMMIT, RECORD)).toBe('created')
  })

  it('says that a file is where a folder should be', async () => {
    await writeFile(join(folder, 'lake'), 'a file')
    const adapter = openLocalStorage({ root: join(folder, 'lake') })
    await expect(adapter.createIfAbsent(COMMIT, RECORD)).rejects.toMatchObject({ kind: 'invalid_path' })
    await expect(adapter.probe(storagePath('_millrace'))).rejects.toMatchObject({ kind: 'invalid_path' })
  })

  it('refuses a staged handle that leads elsewhere', async () => {
    const adapter = openLocalStorage({ root: join(folder, 'lake') })
    const staged = await adapter.stage(await localFile(), TARGET, storagePath('staging/1'), 'attempt')
    const forged = { ...staged, handle: `../${staged.handle}` }
    await expect(adapter.publish(forged)).rejects.toMatchObject({ kind: 'invalid_path' })
    await expect(adapter.discard({ ...staged, handle: 'books/f' })).rejects.toMatchObject({ kind: 'invalid_path' })
  })

  it('lists nothing torn by a crash, nor what other software left under impossible names', async () => {
    const adapter = openLocalStorage({ root: join(folder, 'lake') })
    await adapter.createIfAbsent(COMMIT, RECORD)
    await writeFile(join(folder, 'lake/commits/.millrace-0123456789abcdef.tmp'), 'tor')
    await writeFile(join(folder, 'lake/commits/back\\slash'), 'x')
    const found: string[] = []
    for await (const meta of adapter.list(storagePath('commits'))) found.push(meta.path)
    expect(found).toEqual([COMMIT])
  })

  it('leaves no empty staging directory behind', async () => {
    const adapter = openLocalStorage({ root: join(folder, 'lake') })
    await commitPath(adapter, await localFile())
    expect(await readdir(join(folder, 'lake/staging'))).toEqual([])
  })

  it('makes its directories again when somebody took them away', async () => {
    const adapter = openLocalStorage({ root: join(folder, 'lake') })
    await adapter.createIfAbsent(COMMIT, RECORD)
    await rm(join(folder, 'lake'), { recursive: true })
    expect(await adapter.createIfAbsent(COMMIT, RECORD)).toBe('created')
  })
})
