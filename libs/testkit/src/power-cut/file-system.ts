import { seededRandom } from '../generators/random.ts'
import {
  changeEntries,
  type DirectoryNode,
  type DiskNode,
  emptyDirectory,
  type FileNode,
  losePower,
  syncEntries,
} from './disk.ts'

/** Thrown by every operation of a process that is no more. */
export class PowerCutError extends Error {
  readonly code = 'EPOWERCUT'
  constructor() {
    super('the power was cut')
    this.name = 'PowerCutError'
  }
}

export interface PowerCutOptions {
  /** A disk that confirms and does not keep: to prove that a test can fail. */
  readonly ignores?: 'file syncs' | 'directory syncs'
}

/**
 * A disk in memory under any number of processes, which loses what was not synced when its power is cut. The same seed
 * and the same calls give the same losses. Fits the local storage adapter's `FileSystem`, and any code that goes
 * through it.
 */
export interface PowerCutDisk {
  /**
   * A file system for one process. It dies at the next cut, at `kill`, or after so many operations of its own (a `kill
   * -9` at a chosen place): all that it is asked later throws.
   */
  boot(operations_max?: number): PowerCutFileSystem
  /** Now: unsynced contents and names are lost, or some of them kept, by the seed. All processes die. */
  cutPower(): void
  /** In the midst of the n-th operation from now (1 is the next), before or after it took effect, by the seed. */
  cutPowerAt(operation: number): void
  /** `kill -9`: the process dies, the disk forgets nothing (and goes on remembering what was not synced). */
  kill(process: PowerCutFileSystem): void
  /** Operations since the beginning. */
  readonly operations: number
  readonly cuts: number
  /** Writes a file as other software would, with its directories, none of it synced. Not an operation. */
  put(path: string, bytes: Uint8Array): void
  /** What a reader would see now. Not an operation. */
  bytesOf(path: string): Uint8Array | undefined
  /** Paths of all files below a directory, sorted. Not an operation. */
  filesBelow(path: string): readonly string[]
}

export interface PowerCutFileSystem {
  open(path: string, mode: 'read' | 'create'): Promise<PowerCutFile>
  stat(path: string): Promise<PowerCutStat>
  readDirectory(path: string): Promise<readonly { name: string; kind: 'file' | 'directory' }[]>
  makeDirectory(path: string): Promise<void>
  removeDirectory(path: string): Promise<void>
  link(existing: string, added: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  syncDirectory(path: string): Promise<void>
}

export interface PowerCutStat {
  readonly kind: 'file' | 'directory'
  readonly bytes: number
  readonly identity: string
  /** Of a directory: another one after every change of its entries. */
  readonly revision?: string
}

export interface PowerCutFile {
  read(target: Uint8Array, position: number): Promise<number>
  write(bytes: Uint8Array): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

export function powerCutFileSystem(seed: number, options: PowerCutOptions = {}): PowerCutDisk {
  return new Disk(seed, options)
}

class Disk implements PowerCutDisk {
  operations = 0
  cuts = 0
  readonly #root = emptyDirectory(0)
  readonly #random: () => number
  readonly #ignores: PowerCutOptions['ignores']
  readonly #alive = new Set<PowerCutFileSystem>()
  #ids = 0
  #cutAt = Infinity

  constructor(seed: number, options: PowerCutOptions) {
    this.#random = seededRandom(seed)
    this.#ignores = options.ignores
  }

  boot(operations_max = Infinity): PowerCutFileSystem {
    let left = operations_max
    const step = <T>(effect: () => T): Promise<T> => {
      if (left <= 0) this.kill(process)
      left -= 1
      return this.#step(process, effect)
    }
    const process: PowerCutFileSystem = {
      open: (path, mode) => step(() => this.#handle(this.#open(path, mode), step)),
      stat: (path) => step(() => describe(this.#find(path))),
      readDirectory: (path) =>
        step(() => [...this.#directory(path).entries].map(([name, node]) => ({ name, kind: node.kind }))),
      makeDirectory: (path) => step(() => this.#add(path, emptyDirectory((this.#ids += 1)))),
      removeDirectory: (path) =>
        step(() => {
          if (this.#directory(path).entries.size > 0) throw failure('ENOTEMPTY', path)
          this.#drop(path)
        }),
      link: (existing, added) => step(() => this.#add(added, this.#file(existing))),
      rename: (from, to) => step(() => this.#rename(from, to)),
      unlink: (path) =>
        step(() => {
          this.#file(path)
          this.#drop(path)
        }),
      syncDirectory: (path) =>
        step(() => {
          const directory = this.#directory(path)
          if (this.#ignores !== 'directory syncs') syncEntries(directory)
        }),
    }
    this.#alive.add(process)
    return process
  }

  cutPower(): void {
    this.#alive.clear()
    this.#cutAt = Infinity
    this.cuts += 1
    losePower(this.#root, this.#random)
  }

  cutPowerAt(operation: number): void {
    this.#cutAt = this.operations + operation
  }

  kill(process: PowerCutFileSystem): void {
    this.#alive.delete(process)
  }

  put(path: string, bytes: Uint8Array): void {
    let directory: DirectoryNode = this.#root
    const names = split(path)
    const name = names.pop() ?? ''
    for (const step of names) {
      const next = directory.entries.get(step) ?? emptyDirectory((this.#ids += 1))
      if (next.kind === 'file') throw failure('ENOTDIR', path)
      if (!directory.entries.has(step)) changeEntries(directory, [[step, next]])
      directory = next
    }
    changeEntries(directory, [[name, this.#newFile(bytes.slice())]])
  }

  bytesOf(path: string): Uint8Array | undefined {
    const node = this.#look(path)
    return node?.kind === 'file' ? node.bytes.slice() : undefined
  }

  filesBelow(path: string): readonly string[] {
    const found: string[] = []
    const visit = (at: string, node: DiskNode | undefined): void => {
      if (node?.kind === 'file') found.push(at)
      else for (const [name, child] of node?.entries ?? []) visit(`${at}/${name}`, child)
    }
    visit(path === '/' ? '' : path, this.#look(path))
    return found.sort()
  }

  /** Takes effect in one step, some turns after the call and before the answer; may be where the power is cut. */
  async #step<T>(process: PowerCutFileSystem, effect: () => T): Promise<T> {
    await this.#turns()
    if (!this.#alive.has(process)) throw new PowerCutError()
    this.operations += 1
    if (this.operations >= this.#cutAt) {
      if (this.#random() < 0.5) attempt(effect)
      this.cutPower()
      throw new PowerCutError()
    }
    const result = effect()
    await this.#turns()
    if (!this.#alive.has(process)) throw new PowerCutError()
    return result
  }

  /** Lets others go first, now and then for long. */
  async #turns(): Promise<void> {
    const turns_max = this.#random() < 0.1 ? 60 : 4
    for (let turns = Math.floor(this.#random() * turns_max); turns > 0; turns -= 1) await Promise.resolve()
  }

  #handle(file: FileNode, step: <T>(effect: () => T) => Promise<T>): PowerCutFile {
    return {
      read: (target, position) =>
        step(() => {
          const bytes = file.bytes.subarray(position, position + target.length)
          target.set(bytes)
          return bytes.length
        }),
      // Two steps, so that the power can be cut between the halves of a write, and others see the first.
      write: async (bytes) => {
        const middle = bytes.length >> 1
        await step(() => append(file, bytes.subarray(0, middle)))
        await step(() => append(file, bytes.subarray(middle)))
      },
      sync: () =>
        step(() => {
          if (this.#ignores !== 'file syncs') file.durable_bytes = file.bytes.length
        }),
      close: () => step(() => undefined),
    }
  }

  #open(path: string, mode: 'read' | 'create'): FileNode {
    if (mode === 'read') return this.#file(path)
    const file = this.#newFile(new Uint8Array())
    this.#add(path, file)
    return file
  }

  #newFile(bytes: Uint8Array): FileNode {
    return { kind: 'file', id: (this.#ids += 1), bytes, durable_bytes: 0 }
  }

  #add(path: string, node: DiskNode): void {
    const [directory, name] = this.#parent(path)
    if (directory.entries.has(name)) throw failure('EEXIST', path)
    changeEntries(directory, [[name, node]])
  }

  #drop(path: string): void {
    const [directory, name] = this.#parent(path)
    changeEntries(directory, [[name, undefined]])
  }

  #rename(from: string, to: string): void {
    const node = this.#find(from)
    const [[source, oldName], [target, newName]] = [this.#parent(from), this.#parent(to)]
    if (target.entries.get(newName)?.kind === 'directory') throw failure('EISDIR', to)
    if (source === target) {
      changeEntries(source, [
        [oldName, undefined],
        [newName, node],
      ])
    } else {
      changeEntries(target, [[newName, node]])
      changeEntries(source, [[oldName, undefined]])
    }
  }

  #parent(path: string): readonly [DirectoryNode, string] {
    const names = split(path)
    const name = names.pop()
    if (name === undefined) throw failure('EBUSY', path)
    return [this.#directory(`/${names.join('/')}`), name]
  }

  #look(path: string): DiskNode | undefined {
    let node: DiskNode | undefined = this.#root
    for (const name of split(path)) node = node?.kind === 'directory' ? node.entries.get(name) : undefined
    return node
  }

  #find(path: string): DiskNode {
    let node: DiskNode = this.#root
    for (const name of split(path)) {
      if (node.kind === 'file') throw failure('ENOTDIR', path)
      const next = node.entries.get(name)
      if (next === undefined) throw failure('ENOENT', path)
      node = next
    }
    return node
  }

  #directory(path: string): DirectoryNode {
    const node = this.#find(path)
    if (node.kind === 'file') throw failure('ENOTDIR', path)
    return node
  }

  #file(path: string): FileNode {
    const node = this.#find(path)
    if (node.kind === 'directory') throw failure('EISDIR', path)
    return node
  }
}

function append(file: FileNode, bytes: Uint8Array): void {
  const joined = new Uint8Array(file.bytes.length + bytes.length)
  joined.set(file.bytes)
  joined.set(bytes, file.bytes.length)
  file.bytes = joined
}

function describe(node: DiskNode): PowerCutStat {
  const identity = String(node.id)
  if (node.kind === 'file') return { kind: 'file', bytes: node.bytes.length, identity }
  return { kind: 'directory', bytes: 0, identity, revision: `${node.id}.${node.changes}` }
}

/** The power went while it happened: whether it would have failed does not matter any more. */
function attempt(effect: () => unknown): void {
  try {
    effect()
  } catch (error) {
    if (!(error instanceof Error)) throw error
  }
}

function split(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.')
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}
