import { describe, expect, it } from 'vitest'
import { PowerCutError, type PowerCutFileSystem, powerCutFileSystem } from '../../src/power-cut/index.ts'

const SEEDS = Array.from({ length: 100 }, (_, i) => i + 1)
const bytes = new TextEncoder().encode('0123456789')

async function write(fs: PowerCutFileSystem, path: string, sync: boolean): Promise<void> {
  const file = await fs.open(path, 'create')
  await file.write(bytes)
  if (sync) await file.sync()
  await file.close()
}

/** What is left of one file after a cut, over many disks: distinct contents, `gone` for no name. */
async function fates(run: (fs: PowerCutFileSystem) => Promise<void>): Promise<Set<string>> {
  const found = new Set<string>()
  for (const seed of SEEDS) {
    const disk = powerCutFileSystem(seed)
    await run(disk.boot())
    disk.cutPower()
    const left = disk.bytesOf('/file')
    found.add(left === undefined ? 'gone' : new TextDecoder().decode(left))
  }
  return found
}

describe('a disk that forgets', () => {
  it('keeps what was synced, contents and name', async () => {
    const run = async (fs: PowerCutFileSystem) => {
      await write(fs, '/file', true)
      await fs.syncDirectory('/')
    }
    expect(await fates(run)).toEqual(new Set(['0123456789']))
  })

  it('may lose a name that was not synced, and never tears synced contents', async () => {
    expect(await fates((fs) => write(fs, '/file', true))).toEqual(new Set(['gone', '0123456789']))
  })

  it('may keep a name and tear or blank contents that were not synced', async () => {
    const run = async (fs: PowerCutFileSystem) => {
      await write(fs, '/file', false)
      await fs.syncDirectory('/')
    }
    const found = await fates(run)
    expect(found).toContain('')
    expect(found).toContain('0123456789')
    expect([...found].some((text) => text.length > 0 && text.length < 10)).toBe(true)
    expect([...found].some((text) => text.includes('\0'))).toBe(true)
    expect(found).not.toContain('gone')
  })

  it('keeps the synced front of a file that was appended to', async () => {
    const run = async (fs: PowerCutFileSystem) => {
      const file = await fs.open('/file', 'create')
      await file.write(bytes.subarray(0, 5))
      await file.sync()
      await fs.syncDirectory('/')
      await file.write(bytes.subarray(5))
    }
    for (const left of await fates(run)) expect(left.startsWith('01234')).toBe(true)
  })

  it('may bring back a name that was taken away and not synced', async () => {
    const run = async (fs: PowerCutFileSystem) => {
      await write(fs, '/file', true)
      await fs.syncDirectory('/')
      await fs.unlink('/file')
    }
    expect(await fates(run)).toEqual(new Set(['gone', '0123456789']))
  })

  it('renames within a directory whole or not at all', async () => {
    for (const seed of SEEDS) {
      const disk = powerCutFileSystem(seed)
      const fs = disk.boot()
      await write(fs, '/old', true)
      await fs.syncDirectory('/')
      await fs.rename('/old', '/new')
      disk.cutPower()
      expect(disk.filesBelow('/')).toHaveLength(1)
    }
  })

  it('may lose a directory that was made and not synced into its parent', async () => {
    const left = new Set<boolean>()
    for (const seed of SEEDS) {
      const disk = powerCutFileSystem(seed)
      const fs = disk.boot()
      await fs.makeDirectory('/d')
      await write(fs, '/d/file', true)
      await fs.syncDirectory('/d')
      disk.cutPower()
      left.add(disk.bytesOf('/d/file') !== undefined)
    }
    expect(left).toEqual(new Set([true, false]))
  })

  it('cuts at the operation that was asked for, and kills every process of before', async () => {
    const disk = powerCutFileSystem(1)
    const [one, two] = [disk.boot(), disk.boot()]
    disk.cutPowerAt(3)
    await one.makeDirectory('/a')
    await one.makeDirectory('/b')
    await expect(one.makeDirectory('/c')).rejects.toThrow(PowerCutError)
    await expect(two.stat('/')).rejects.toThrow(PowerCutError)
    expect((await disk.boot().stat('/')).kind).toBe('directory')
    expect(disk.cuts).toBe(1)
  })

  it('forgets nothing when only a process is killed', async () => {
    const disk = powerCutFileSystem(1)
    const [one, two] = [disk.boot(), disk.boot()]
    await write(one, '/file', false)
    disk.kill(one)
    await expect(one.stat('/file')).rejects.toThrow(PowerCutError)
    expect((await two.stat('/file')).bytes).toBe(10)
  })

  it('gives the same losses for the same seed and calls', async () => {
    const run = async (seed: number) => {
      const disk = powerCutFileSystem(seed)
      const fs = disk.boot()
      for (let i = 0; i < 20; i += 1) await write(fs, `/f${i}`, i % 2 === 0)
      disk.cutPower()
      return disk.filesBelow('/').map((path) => `${path}:${disk.bytesOf(path)?.join(',')}`)
    }
    for (const seed of SEEDS.slice(0, 10)) expect(await run(seed)).toEqual(await run(seed))
  })

  it('answers with the codes of a real one', async () => {
    const fs = powerCutFileSystem(1).boot()
    await fs.makeDirectory('/d')
    await write(fs, '/d/file', true)
    await expect(fs.open('/none', 'read')).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(fs.open('/d/file', 'create')).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(fs.link('/d/file', '/d/file')).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(fs.makeDirectory('/d')).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(fs.stat('/d/file/below')).rejects.toMatchObject({ code: 'ENOTDIR' })
    await expect(fs.unlink('/d')).rejects.toMatchObject({ code: 'EISDIR' })
    await expect(fs.removeDirectory('/d')).rejects.toMatchObject({ code: 'ENOTEMPTY' })
  })
})
