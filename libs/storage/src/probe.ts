import { createHash } from 'node:crypto'
import { joinPath } from './path.ts'
import { type LocalFile, type StagedObject, type StorageAdapter, StorageError, type StoragePath } from './port.ts'

const RACERS = 8

/** A local file for the probe to stage, made where the adapter can read it. */
export type ProbeFile = LocalFile & { remove(): Promise<void> }

/**
 * Proves by doing that the store keeps the two promises on which exactly-once rests: create-if-absent excludes (a
 * second write and a race of eight), and publish is idempotent and never overwrites. Works on any adapter through its
 * own verbs; `id` must be new each time. Leaves nothing behind. Throws StorageError `unsafe_store`, or what a verb
 * threw.
 */
export async function probeStore(
  adapter: StorageAdapter,
  under: StoragePath,
  id: string,
  makeFile: (bytes: Uint8Array) => Promise<ProbeFile>,
  signal?: AbortSignal,
): Promise<void> {
  const made: StoragePath[] = []
  const name = (suffix: string): StoragePath => {
    const path = joinPath(under, `probe-${id}-${suffix}`)
    made.push(path)
    return path
  }
  try {
    await probeSecondWrite(adapter, name('twice'), signal)
    await probeRace(adapter, name('race'), signal)
    await probePublish(adapter, name('published'), joinPath(under, `probe-${id}-staging`), makeFile, signal)
  } finally {
    for (const path of made) await adapter.remove(path).catch(() => 'absent')
  }
}

async function probeSecondWrite(adapter: StorageAdapter, path: StoragePath, signal?: AbortSignal): Promise<void> {
  const first = await adapter.createIfAbsent(path, marker('first'), signal)
  const second = await adapter.createIfAbsent(path, marker('second'), signal)
  if (first !== 'created' || second !== 'exists') {
    throw unsafe(adapter, path, `the first create-if-absent answered ${first}, the second ${second}`)
  }
  await expectBytes(adapter, path, marker('first'), signal)
}

async function probeRace(adapter: StorageAdapter, path: StoragePath, signal?: AbortSignal): Promise<void> {
  const racers = Array.from({ length: RACERS }, (_, i) => marker(`racer ${i}`))
  const answers = await Promise.all(racers.map((bytes) => adapter.createIfAbsent(path, bytes, signal)))
  const winners = racers.filter((_, i) => answers[i] === 'created')
  if (winners.length !== 1)
    throw unsafe(adapter, path, `${winners.length} of ${RACERS} racing writers were told they won`)
  await expectBytes(adapter, path, winners[0]!, signal)
}

async function probePublish(
  adapter: StorageAdapter,
  target: StoragePath,
  stagingDir: StoragePath,
  makeFile: (bytes: Uint8Array) => Promise<ProbeFile>,
  signal?: AbortSignal,
): Promise<void> {
  const staged: StagedObject[] = []
  const stage = async (text: string): Promise<StagedObject> => {
    const file = await makeFile(marker(text))
    try {
      const object = await adapter.stage(file, target, stagingDir, text, signal)
      staged.push(object)
      return object
    } finally {
      await file.remove()
    }
  }
  try {
    const ours = await stage('ours')
    const theirs = await stage('theirs')
    if ((await adapter.head(target, signal)) !== undefined) throw unsafe(adapter, target, 'a staged object is visible')
    const answers = [await adapter.publish(ours, signal), await adapter.publish(ours, signal)]
    if (answers[0] !== 'published' || answers[1] !== 'already') {
      throw unsafe(adapter, target, `publishing twice answered ${answers.join(' and ')}`)
    }
    const overwrote = await adapter.publish(theirs, signal).catch((error: unknown) => {
      if (error instanceof StorageError && error.kind === 'corrupt') return 'refused'
      throw error
    })
    if (overwrote !== 'refused') throw unsafe(adapter, target, 'publishing over other bytes was not refused')
    await expectBytes(adapter, target, marker('ours'), signal)
  } finally {
    for (const object of staged) await adapter.discard(object).catch(() => undefined)
  }
}

async function expectBytes(
  adapter: StorageAdapter,
  path: StoragePath,
  expected: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  const found = await adapter.read(path, undefined, signal)
  if (sha256Hex(found) !== sha256Hex(expected)) throw unsafe(adapter, path, 'a later writer replaced the first bytes')
}

function marker(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function unsafe(adapter: StorageAdapter, path: StoragePath, fact: string): StorageError {
  const message = `${adapter.location} cannot keep exactly-once: ${fact}`
  return new StorageError('unsafe_store', path, message)
}
