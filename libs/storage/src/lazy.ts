import type { StorageAdapter } from './port.ts'

/**
 * An adapter that is loaded by the first verb that needs it: client libraries of remote stores take a second to load,
 * and most commands never touch them. A load that failed is tried again by the next verb.
 */
export function lazyStorage(
  names: Pick<StorageAdapter, 'scheme' | 'location'>,
  load: () => Promise<StorageAdapter>,
): StorageAdapter {
  let loading: Promise<StorageAdapter> | undefined
  const inner = (): Promise<StorageAdapter> => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }
  return {
    scheme: names.scheme,
    location: names.location,
    probe: async (...of) => (await inner()).probe(...of),
    head: async (...of) => (await inner()).head(...of),
    read: async (...of) => (await inner()).read(...of),
    download: async (...of) => (await inner()).download(...of),
    async *list(...of) {
      yield* (await inner()).list(...of)
    },
    createIfAbsent: async (...of) => (await inner()).createIfAbsent(...of),
    stage: async (...of) => (await inner()).stage(...of),
    publish: async (...of) => (await inner()).publish(...of),
    discard: async (...of) => (await inner()).discard(...of),
    async *listStaged(...of) {
      yield* (await inner()).listStaged(...of)
    },
    remove: async (...of) => (await inner()).remove(...of),
    async close() {
      await (await loading)?.close()
    },
  }
}
