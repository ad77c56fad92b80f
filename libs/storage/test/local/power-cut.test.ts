import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  type PowerCutDisk,
  PowerCutError,
  type PowerCutFileSystem,
  powerCutFileSystem,
} from '../../../testkit/src/power-cut/index.ts'
import { openLocalStorage } from '../../src/local/index.ts'
import { joinPath, storagePath } from '../../src/path.ts'
import type { StagedObject, StorageAdapter } from '../../src/port.ts'
import { seededRandom } from '@millrace/testkit/generators/random.ts'

const ROOT = '/disk/lake'
const CUTS_PER_DISK = 5
const DISKS = 100
/** The cut comes at random among so many operations of the disk. */
const OPERATIONS_MAX = 500
const STEPS = 12
const SEED = Number(process.env['SEED'] ?? 1)

/** What the outside world was told, which no power cut may take back. */
interface Told {
  /** Whole contents that may stand at a path: any writer's. */
  readonly candidates: Map<string, Set<string>>
  /** Contents that must stand at a path. */
  readonly settled: Map<string, string>
  /** Paths that were said or seen to exist. */
  readonly seen: Set<string>
  /** Durable in staging by the adapter's word, and not known to be published. */
  readonly staged: Map<string, StagedObject>
}

/** One process: an adapter with a life that ends at the cut. */
function boot(
  disk: PowerCutDisk,
  random: () => number,
  operations_max?: number,
): readonly [StorageAdapter, PowerCutFileSystem] {
  const fileSystem = disk.boot(operations_max)
  const randomHex = (bytes: number): string =>
    Array.from({ length: bytes * 2 }, () => Math.floor(random() * 16).toString(16)).join('')
  return [openLocalStorage({ root: ROOT, fileSystem, randomHex }), fileSystem]
}

/** Random verbs on few paths, by one worker, one after each `next`; throws when its process is dead. */
async function* work(name: string, adapter: StorageAdapter, disk: PowerCutDisk, told: Told, random: () => number) {
  for (let step = 0; ; step += 1) {
    const key = Math.floor(random() * 6)
    const luck = random()
    if (luck < 0.4) await createRecord(adapter, told, `commits/${key}`, `${name} writes record ${key} at ${step}`)
    else if (luck < 0.5) await look(adapter, told, `commits/${key}`)
    else await stageAndPublish(adapter, disk, told, `${name}-${step}`, key, luck < 0.6)
    yield
  }
}

async function createRecord(adapter: StorageAdapter, told: Told, path: string, content: string): Promise<void> {
  candidate(told, path, content)
  const answer = await adapter.createIfAbsent(storagePath(path), new TextEncoder().encode(content))
  told.seen.add(path)
  if (answer === 'created') told.settled.set(path, content)
}

async function look(adapter: StorageAdapter, told: Told, path: string): Promise<void> {
  if ((await adapter.head(storagePath(path))) !== undefined) told.seen.add(path)
  for await (const meta of adapter.list(storagePath('commits'))) {
    told.seen.add(meta.path)
    told.settled.set(meta.path, new TextDecoder().decode(await adapter.read(meta.path)))
  }
}

async function stageAndPublish(
  adapter: StorageAdapter,
  disk: PowerCutDisk,
  told: Told,
  attempt: string,
  key: number,
  twice: boolean,
): Promise<void> {
  const content = `rows of ${attempt}`
  const target = joinPath('books', `day=${key}`, `${attempt}.parquet`)
  const bytes = new TextEncoder().encode(content)
  const local = { path: `/scratch/${attempt}.${disk.cuts}`, bytes: bytes.length, sha256: sha256Hex(bytes) }
  disk.put(local.path, bytes)
  candidate(told, target, content)
  const object = await adapter.stage(local, target, storagePath(`staging/${key}`), `${attempt}.${disk.cuts}`)
  told.staged.set(target, object)
  for (let i = 0; i <= (twice ? 1 : 0); i += 1) await adapter.publish(object)
  told.staged.delete(target)
  told.settled.set(target, content)
  told.seen.add(target)
}

function candidate(told: Told, path: string, content: string): void {
  const known = told.candidates.get(path) ?? new Set()
  told.candidates.set(path, known.add(content))
}

/** Everything that was promised is there, and nothing that is there is torn. Returns what is wrong. */
async function faults(adapter: StorageAdapter, told: Told): Promise<string[]> {
  const wrong: string[] = []
  for (const object of told.staged.values()) {
    await adapter
      .publish(object)
      .catch((error: Error) => wrong.push(`staged and not to be published: ${error.message}`))
    told.seen.add(object.target)
  }
  told.staged.clear()
  const visible = new Map<string, string>()
  for (const prefix of ['commits', 'books']) {
    for await (const meta of adapter.list(storagePath(prefix))) {
      visible.set(meta.path, new TextDecoder().decode(await adapter.read(meta.path)))
    }
  }
  for (const [path, content] of visible) {
    if (told.candidates.get(path)?.has(content) !== true) wrong.push(`torn: ${path} holds ${JSON.stringify(content)}`)
  }
  for (const path of told.seen) if (!visible.has(path)) wrong.push(`vanished: ${path}`)
  for (const [path, content] of told.settled) {
    if (visible.get(path) !== content) wrong.push(`lost: ${path} was ${content}, is ${visible.get(path)}`)
  }
  for (const [path, content] of visible) told.settled.set(path, content)
  return wrong
}

interface Survived {
  readonly wrong: readonly string[]
  /** Answers that the workers were given before the lights went out. */
  readonly answers: number
}

/** One disk through several power cuts at random operations, with three workers of one process and one of another,
 * which may be killed before. */
async function surviveCuts(seed: number, ignores?: 'file syncs' | 'directory syncs'): Promise<Survived> {
  const random = seededRandom(seed)
  const disk = powerCutFileSystem(seed, ignores === undefined ? {} : { ignores })
  const told: Told = { candidates: new Map(), settled: new Map(), seen: new Set(), staged: new Map() }
  const wrong: string[] = []
  let answers = 0
  for (let cut = 1; cut <= CUTS_PER_DISK && wrong.length === 0; cut += 1) {
    disk.cutPowerAt(1 + Math.floor(random() * OPERATIONS_MAX))
    const shared = boot(disk, random)
    const workers = ['a', 'b', 'd', 'c'].map(async (name) => {
      const [adapter, process] = name === 'c' ? boot(disk, random) : shared
      const steps = work(`${name}${cut}`, adapter, disk, told, random)
      for (let step = 0; step < STEPS; step += 1) {
        if (name === 'c' && random() < 0.1) disk.kill(process)
        try {
          await steps.next()
          answers += 1
        } catch (error) {
          if (!powerWentFirst(error)) wrong.push(`a verb failed without a cut: ${String(error)}`)
          return
        }
      }
    })
    await Promise.all(workers)
    if (disk.cuts < cut) disk.cutPower()
    wrong.push(...(await faults(boot(disk, random)[0], told)))
  }
  return { wrong, answers }
}

type Look = (adapter: StorageAdapter) => Promise<boolean>

const COMMIT = storagePath('commits/1')
const RECORD = new TextEncoder().encode('a record of some length')

/** Ways in which a process can learn that a record exists; each then acts on it. */
const LOOKS: Readonly<Record<string, Look>> = {
  head: async (adapter) => (await adapter.head(COMMIT)) !== undefined,
  read: async (adapter) =>
    adapter.read(COMMIT).then(
      () => true,
      () => false,
    ),
  list: async (adapter) => {
    for await (const meta of adapter.list(storagePath('commits'))) if (meta.path === COMMIT) return true
    return false
  },
  'create if absent': async (adapter) => (await adapter.createIfAbsent(COMMIT, RECORD)) === 'exists',
}

/** Errors of a dead process arrive wrapped by the adapter. */
function powerWentFirst(error: unknown): boolean {
  return error instanceof PowerCutError || (error instanceof Error && powerWentFirst(error.cause))
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe('the local adapter under power cuts', () => {
  it(`keeps its word through ${DISKS * CUTS_PER_DISK} cuts at random operations`, async () => {
    let answered = 0
    for (let seed = SEED; seed < SEED + DISKS; seed += 1) {
      const { wrong, answers } = await surviveCuts(seed)
      expect(wrong, `SEED=${seed} npx vitest run --project storage power-cut`).toEqual([])
      answered += answers
    }
    expect(answered).toBeGreaterThan(DISKS * CUTS_PER_DISK * 5)
  })

  it.each(['file syncs', 'directory syncs'] as const)('is caught lying when %s are ignored', async (ignores) => {
    let caught = 0
    for (let seed = 1; seed <= 20; seed += 1) if ((await surviveCuts(seed, ignores)).wrong.length > 0) caught += 1
    expect(caught).toBeGreaterThan(10)
  })
  it.each(Object.keys(LOOKS))('what another process saw by %s of a killed writer does not vanish', async (way) => {
    let seen = 0
    for (let killedAt = 1; killedAt <= 14; killedAt += 1) {
      for (let seed = 1; seed <= 20; seed += 1) {
        const [disk, random] = [powerCutFileSystem(seed), seededRandom(seed)]
        await boot(disk, random)[0].createIfAbsent(storagePath('commits/0'), RECORD)
        const [writer] = boot(disk, random, killedAt)
        await writer.createIfAbsent(COMMIT, RECORD).catch(() => undefined)
        if (!(await LOOKS[way]!(boot(disk, random)[0]))) continue
        seen += 1
        disk.cutPower()
        expect(disk.bytesOf(`${ROOT}/${COMMIT}`), `killed at ${killedAt}, seed ${seed}`).toEqual(RECORD)
      }
    }
    expect(seen).toBeGreaterThan(20)
  })
  it('an answer among many at once counts from the moment that it is given', async () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const [disk, random] = [powerCutFileSystem(seed), seededRandom(seed)]
      const [adapter] = boot(disk, random)
      const answered: string[] = []
      const writes = Array.from({ length: 8 }, async (_, i) => {
        const path = storagePath(`commits/${i}`)
        await adapter.createIfAbsent(path, RECORD)
        answered.push(path)
        if (answered.length === 1 + (seed % 8)) disk.cutPower()
      })
      await Promise.allSettled(writes)
      const lost = answered.slice(0, 1 + (seed % 8)).filter((path) => disk.bytesOf(`${ROOT}/${path}`) === undefined)
      expect(lost, `seed ${seed}`).toEqual([])
    }
  })
})
