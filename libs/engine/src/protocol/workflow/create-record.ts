import { type StorageAdapter, StorageError, type StoragePath } from '@millrace/storage'
import type { Context } from './context.ts'

export type Created = { readonly kind: 'mine' } | { readonly kind: 'other'; readonly bytes: Uint8Array }

/** A small object, or undefined where there is none. */
export const readIfPresent = (
  context: Context,
  store: StorageAdapter,
  path: StoragePath,
): Promise<Uint8Array | undefined> =>
  context.retry(`read ${path}`, async () => {
    try {
      return await store.read(path, undefined, context.signal)
    } catch (error) {
      if (error instanceof StorageError && error.kind === 'not_found') return undefined
      throw error
    }
  })

/**
 * Creates a record, or says whose is there. Never guesses: whatever the store answered, short of `created`, is settled
 * by reading the path back, and nothing found means that the same bytes are put again.
 */
export const createRecord = async (
  context: Context,
  store: StorageAdapter,
  path: StoragePath,
  bytes: Uint8Array,
): Promise<Created> => {
  const series = context.newSeries()
  for (;;) {
    let failure: unknown
    try {
      if ((await store.createIfAbsent(path, bytes, context.signal)) === 'created') {
        context.settled(series)
        return { kind: 'mine' }
      }
    } catch (error) {
      failure = error
    }
    if (failure === undefined || (failure instanceof StorageError && failure.kind === 'ambiguous_write')) {
      const found = await readIfPresent(context, store, path)
      const outcome = context.rules.decideOutcome({
        mine: bytes,
        found,
        answer: failure === undefined ? 'exists' : 'unknown',
      })
      if (outcome !== 'none') context.settled(series)
      if (outcome === 'mine') return { kind: 'mine' }
      if (outcome === 'other' && found !== undefined) return { kind: 'other', bytes: found }
    }
    failure ??= new StorageError('unavailable', path, 'the store says that it exists, and finds nothing there')
    await context.backOff(`create ${path}`, series, failure)
  }
}
