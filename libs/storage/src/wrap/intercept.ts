import type { ObjectMeta, StagedObject, StorageAdapter, StoragePath } from '../port.ts'

/** The verbs of the port; `list` and `listStaged` stand for one page of a listing each. */
export type StorageVerb =
  | 'probe'
  | 'head'
  | 'read'
  | 'download'
  | 'list'
  | 'createIfAbsent'
  | 'stage'
  | 'publish'
  | 'discard'
  | 'listStaged'
  | 'remove'

export interface StorageCall {
  readonly verb: StorageVerb
  /** The object, the target, or the directory that is listed. */
  readonly path: StoragePath
  /** Bytes that the call sends; 0 for those that only ask. */
  readonly bytes: number
  readonly signal: AbortSignal | undefined
}

/** Stands around every call: may wait, fail, repeat `run`, or measure it. */
export type Interceptor = <T>(call: StorageCall, run: () => Promise<T>) => Promise<T>

const PAGE_ITEMS = 256

/** True for the verbs that change the store. */
export function isWrite(verb: StorageVerb): boolean {
  return verb === 'createIfAbsent' || verb === 'stage' || verb === 'publish' || verb === 'discard' || verb === 'remove'
}

/**
 * An adapter whose every verb passes through `around`. Listings pass a page of up to 256 entries at a time; a page that
 * is run again goes on after the last entry that was handed out. `close` passes straight through.
 */
export function interceptStorage(inner: StorageAdapter, around: Interceptor): StorageAdapter {
  const call = (verb: StorageVerb, path: StoragePath, signal?: AbortSignal, bytes = 0): StorageCall => ({
    verb,
    path,
    bytes,
    signal,
  })
  return {
    scheme: inner.scheme,
    location: inner.location,
    probe: (under, signal) => around(call('probe', under, signal), () => inner.probe(under, signal)),
    head: (path, signal) => around(call('head', path, signal), () => inner.head(path, signal)),
    read: (path, range, signal) => around(call('read', path, signal), () => inner.read(path, range, signal)),
    download: (path, localPath, signal) =>
      around(call('download', path, signal), () => inner.download(path, localPath, signal)),
    list: (prefix, after, signal) =>
      pages(call('list', prefix, signal), around, (last: ObjectMeta | undefined) =>
        inner.list(prefix, last?.path ?? after, signal),
      ),
    createIfAbsent: (path, bytes, signal) =>
      around(call('createIfAbsent', path, signal, bytes.length), () => inner.createIfAbsent(path, bytes, signal)),
    stage: (file, target, stagingDir, attempt, signal) =>
      around(call('stage', target, signal, file.bytes), () => inner.stage(file, target, stagingDir, attempt, signal)),
    publish: (object, signal) => around(call('publish', object.target, signal), () => inner.publish(object, signal)),
    discard: (object, signal) => around(call('discard', object.target, signal), () => inner.discard(object, signal)),
    listStaged: (stagingDir, signal) => {
      const handles = new Set<string>()
      return pages(
        call('listStaged', stagingDir, signal),
        around,
        () => inner.listStaged(stagingDir, signal),
        (object) => handles.has(object.handle),
        (object) => handles.add(object.handle),
      )
    },
    remove: (path, signal) => around(call('remove', path, signal), () => inner.remove(path, signal)),
    close: () => inner.close(),
  }
}

/**
 * A listing, a page at a time. When a page fails, the inner listing is opened anew at the next run: after the last
 * entry handed out, or, where a listing has no order to go on from (staged objects), leaving out those handed out
 * before.
 */
async function* pages<T extends ObjectMeta | StagedObject>(
  call: StorageCall,
  around: Interceptor,
  open: (last: T | undefined) => AsyncIterable<T>,
  handedOut: (item: T) => boolean = () => false,
  onHandOut: (item: T) => void = () => undefined,
): AsyncGenerator<T> {
  let inner: AsyncIterator<T> | undefined
  let last: T | undefined
  const takePage = async (): Promise<{ readonly items: readonly T[]; readonly done: boolean }> => {
    inner ??= open(last)[Symbol.asyncIterator]()
    const items: T[] = []
    try {
      while (items.length < PAGE_ITEMS) {
        const next = await inner.next()
        if (next.done === true) return { items, done: true }
        if (!handedOut(next.value)) items.push(next.value)
      }
      return { items, done: false }
    } catch (error) {
      inner = undefined
      throw error
    }
  }
  try {
    for (;;) {
      const page = await around(call, takePage)
      for (const item of page.items) {
        last = item
        onHandOut(item)
        yield item
      }
      if (page.done) return
    }
  } finally {
    await inner?.return?.()
  }
}
