import { describe, expect, it } from 'vitest'
import { memoryStore, openMemoryStorage } from '../../src/memory/index.ts'
import { storagePath } from '../../src/path.ts'
import { faultStorage, nthFault, randomFaults } from '../../src/wrap/index.ts'
import { seededRandom } from '@millrace/testkit/generators/random.ts'

const PATH = storagePath('commits/1')
const BYTES = new Uint8Array([1, 2, 3])

describe('injected faults', () => {
  it('before: nothing happened, and the error says so', async () => {
    const store = memoryStore()
    const { storage } = faultStorage(openMemoryStorage(store), { plan: nthFault(1, 'before') })
    await expect(storage.createIfAbsent(PATH, BYTES)).rejects.toMatchObject({ kind: 'unavailable', path: PATH })
    expect(store.objects.size).toBe(0)
    expect(await storage.createIfAbsent(PATH, BYTES)).toBe('created')
  })

  it('after: it happened, and nobody says so', async () => {
    const { storage } = faultStorage(openMemoryStorage(), { plan: nthFault(1, 'after') })
    await expect(storage.createIfAbsent(PATH, BYTES)).rejects.toMatchObject({ kind: 'ambiguous_write' })
    expect(await storage.createIfAbsent(PATH, BYTES)).toBe('exists')
  })

  it('late: it has not happened, and does later, when somebody else may have been first', async () => {
    const store = memoryStore()
    const faulty = faultStorage(openMemoryStorage(store), { plan: nthFault(1, 'late') })
    await expect(faulty.storage.createIfAbsent(PATH, BYTES)).rejects.toMatchObject({ kind: 'ambiguous_write' })
    expect(faulty.outstanding).toBe(1)
    expect(await faulty.storage.createIfAbsent(PATH, new Uint8Array([9]))).toBe('created')
    await faulty.landLate()
    expect(faulty.outstanding).toBe(0)
    expect(store.objects.get(PATH)).toEqual(new Uint8Array([9]))
  })

  it('a late write lands by itself as other calls go by', async () => {
    const store = memoryStore()
    const random = { next: seededRandom(3) }
    const faulty = faultStorage(openMemoryStorage(store), { plan: nthFault(1, 'late'), random })
    await faulty.storage.createIfAbsent(PATH, BYTES).catch(() => undefined)
    for (let i = 0; i < 100 && faulty.outstanding > 0; i += 1) await faulty.storage.head(PATH)
    expect(store.objects.has(PATH)).toBe(true)
  })

  it('a read fails before, whatever the mode', async () => {
    for (const mode of ['before', 'after', 'late'] as const) {
      const faulty = faultStorage(openMemoryStorage(), { plan: nthFault(1, mode) })
      await expect(faulty.storage.head(PATH)).rejects.toMatchObject({ kind: 'unavailable' })
      expect(faulty.outstanding).toBe(0)
    }
  })

  it('the n-th call fails and no other, until there is no n-th', async () => {
    const injected: number[] = []
    for (let n = 1; n <= 4; n += 1) {
      const faulty = faultStorage(openMemoryStorage(), { plan: nthFault(n, 'before') })
      for (const call of [() => faulty.storage.head(PATH), () => faulty.storage.createIfAbsent(PATH, BYTES)]) {
        await call().catch(() => undefined)
      }
      await faulty.storage
        .list(storagePath('commits'))
        [Symbol.asyncIterator]()
        .next()
        .catch(() => undefined)
      injected.push(faulty.injected)
      expect(faulty.calls).toBe(3)
    }
    expect(injected).toEqual([1, 1, 1, 0])
  })

  it('random faults come at their rates, the same for the same seed, and stop when healed', async () => {
    const run = async (): Promise<string> => {
      const random = { next: seededRandom(11) }
      const faulty = faultStorage(openMemoryStorage(), {
        plan: randomFaults(random, { before: 0.1, after: 0.1, late: 0.1 }),
      })
      let answers = ''
      for (let i = 0; i < 1000; i += 1) {
        const call = faulty.storage.createIfAbsent(storagePath(`commits/${i}`), BYTES)
        answers += await call.catch((error: { kind: string }) => error.kind[0])
      }
      expect(faulty.injected).toBeGreaterThan(220)
      expect(faulty.injected).toBeLessThan(380)
      expect(faulty.outstanding).toBeGreaterThan(50)
      faulty.heal()
      for (let i = 0; i < 100; i += 1) await faulty.storage.head(PATH)
      return answers
    }
    expect(await run()).toBe(await run())
  })
})
