import { type StorageAdapter, StorageError, type StoragePath } from '@millrace/storage'
import { openMemoryStorage } from '@millrace/storage/memory'
import { interceptStorage, isWrite } from '@millrace/storage/wrap'
import type { Process } from './scheduler.ts'
import type { World } from './world.ts'

/** What a store must not do, or must not be asked to do: each is a mutant. */
export interface StoreFaults {
  /** Accepts create-if-absent and overwrites. */
  readonly ignoresCondition?: boolean
  /** Stages right where readers look. */
  readonly stagesInPlace?: boolean
}

const withFaults = (memory: StorageAdapter, world: World, faults: StoreFaults): StorageAdapter => {
  const store = Object.create(memory) as StorageAdapter
  return Object.assign(store, {
    // The probe has its own tests, and would refuse a faulty store at once: here it is the protocol's turn.
    probe: async () => undefined,
    head: memory.head.bind(memory),
    read: memory.read.bind(memory),
    download: memory.download.bind(memory),
    list: memory.list.bind(memory),
    publish: memory.publish.bind(memory),
    discard: memory.discard.bind(memory),
    listStaged: memory.listStaged.bind(memory),
    remove: memory.remove.bind(memory),
    createIfAbsent: async (path: StoragePath, bytes: Uint8Array) => {
      if (faults.ignoresCondition) world.store.objects.delete(path)
      return memory.createIfAbsent(path, bytes)
    },
    stage: async (...args: Parameters<StorageAdapter['stage']>) => {
      const staged = await memory.stage(...args)
      if (faults.stagesInPlace) await memory.publish(staged)
      return staged
    },
  })
}

/**
 * One process's client of the simulated store: the memory adapter, every call of which is a scheduling point and may
 * fail before it is done, be done and not answered, or be done at any later time.
 */
export const openSimulatedStore = (world: World, process: Process, faults: StoreFaults = {}): StorageAdapter => {
  const memory = openMemoryStorage(world.store, {
    localFiles: {
      read: async (path) => world.local.get(path) ?? new Uint8Array(),
      write: async (path, bytes) => void world.local.set(path, bytes),
    },
  })
  return interceptStorage(withFaults(memory, world, faults), async (call, run) => {
    const writes = isWrite(call.verb)
    const change = (): ReturnType<typeof run> => {
      if (writes) world.changes++
      if (call.verb === 'discard') world.counters.vacuumed++
      return run()
    }
    const note = (what: string): void => world.note(`${process.name} ${call.verb} ${call.path} ${what}`)
    await world.scheduler.ticket(process, `${call.verb} ${call.path}`)
    const chance = world.faults ? world.random() : 1
    if (chance < 0.03) {
      world.counters.failedBefore++
      note('FAILS')
      throw new StorageError('unavailable', call.path, 'simulated: not done')
    }
    if (!writes || chance >= 0.09) return change()
    if (chance < 0.06) {
      world.counters.ambiguous++
      note('IS DONE, AND NOT ANSWERED')
      await change()
      throw new StorageError('ambiguous_write', call.path, 'simulated: no answer')
    }
    world.counters.late++
    note('WILL LAND LATE')
    world.delayed.push(async () => {
      note('lands')
      await change().catch((error: unknown) => {
        if (!(error instanceof StorageError)) throw error
      })
    })
    throw new StorageError('ambiguous_write', call.path, 'simulated: no answer yet')
  })
}
