import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { storageConformance } from '../src/conformance.ts'
import { lazyStorage } from '../src/lazy.ts'
import { openMemoryStorage } from '../src/memory/index.ts'
import { storagePath } from '../src/path.ts'

const names = { scheme: 'memory', location: 'memory:' } as const
const path = storagePath('a')

storageConformance('memory loaded when wanted', async () => ({
  adapter: lazyStorage(names, async () => openMemoryStorage()),
  cleanup: async () => undefined,
}))

describe('an adapter that is loaded when wanted', () => {
  it('is loaded once, by the first verb', async () => {
    let loads = 0
    const storage = lazyStorage(names, async () => {
      loads += 1
      return openMemoryStorage()
    })
    expect(loads).toBe(0)
    await Promise.all([storage.head(path), storage.head(path)])
    expect(loads).toBe(1)
  })

  it('is loaded again after a load that failed, and closed without one', async () => {
    let loads = 0
    const storage = lazyStorage(names, async () => {
      loads += 1
      if (loads === 1) throw new Error('no such library')
      return openMemoryStorage()
    })
    await expect(storage.head(path)).rejects.toThrow('no such library')
    expect(await storage.head(path)).toBeUndefined()
    await lazyStorage(names, () => Promise.reject(new Error('never asked'))).close()
  })

  it('keeps the S3 SDK out of a process that only opens a location', async () => {
    const index = fileURLToPath(new URL('../src/index.ts', import.meta.url))
    const script = `
      const { openStorage, parseLocation } = await import(${JSON.stringify(index)})
      openStorage(parseLocation('s3://bucket/table', '/'))
      const { createRequire } = await import('node:module')
      const { cache } = createRequire(${JSON.stringify(index)})
      process.stdout.write(String(Object.keys(cache).filter((file) => file.includes('@aws-sdk')).length))
    `
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    })
    expect(stdout).toBe('0')
  })
})
