import { describe, expect, it } from 'vitest'
import { storageConformance } from '../../src/conformance.ts'
import { memoryStore, openMemoryStorage } from '../../src/memory/index.ts'
import { storagePath } from '../../src/path.ts'

storageConformance('memory', async () => ({ adapter: openMemoryStorage(), cleanup: async () => undefined }))

describe('memory storage', () => {
  it('two adapters on one store see each other', async () => {
    const store = memoryStore()
    const [one, two] = [openMemoryStorage(store), openMemoryStorage(store)]
    await one.createIfAbsent(storagePath('a'), new Uint8Array([1]))
    expect(await two.createIfAbsent(storagePath('a'), new Uint8Array([2]))).toBe('exists')
    expect([...(await two.read(storagePath('a')))]).toEqual([1])
  })

  it('takes effect before it returns its promise, so that the caller decides the order', () => {
    const store = memoryStore()
    void openMemoryStorage(store).createIfAbsent(storagePath('a'), new Uint8Array([1]))
    expect(store.objects.has(storagePath('a'))).toBe(true)
  })

  it('stages from and downloads to the files it is given, and touches no disk', async () => {
    const files = new Map<string, Uint8Array>([['local', new Uint8Array()]])
    const adapter = openMemoryStorage(memoryStore(), {
      localFiles: {
        read: async (path) => files.get(path)!,
        write: async (path, bytes) => {
          files.set(path, bytes)
        },
      },
    })
    const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    const file = { path: 'local', bytes: 0, sha256 }
    await adapter.publish(await adapter.stage(file, storagePath('t/f'), storagePath('s'), 'a'))
    await adapter.download(storagePath('t/f'), 'copy')
    expect(files.get('copy')).toEqual(new Uint8Array())
  })
})
