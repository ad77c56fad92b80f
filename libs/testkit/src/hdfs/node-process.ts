import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const STOP_MS = 10_000
const COMMAND_MS = 60_000

export interface Java {
  /** Options and class path that all of Hadoop's programs share. */
  readonly options: readonly string[]
  readonly environment: NodeJS.ProcessEnv
}

/** Runs one of Hadoop's programs to its end. */
export const runJava = async (java: Java, program: string, ...words: string[]): Promise<void> => {
  const command = ['-Xmx128m', '-XX:TieredStopAtLevel=1', ...java.options, program, ...words]
  await run('java', command, { env: java.environment, timeout: COMMAND_MS })
}

/** A NameNode or a DataNode: its process, and what it said. */
export class NodeProcess {
  readonly name: string
  readonly #java: Java
  readonly #program: string
  readonly #heap_mb: number
  readonly #log: string
  #child: ChildProcess | undefined

  constructor(java: Java, name: string, program: string, folder: string, heap_mb: number) {
    this.name = name
    this.#java = java
    this.#program = program
    this.#heap_mb = heap_mb
    this.#log = join(folder, `${name}.log`)
  }

  get running(): boolean {
    const child = this.#child
    return child !== undefined && child.exitCode === null && child.signalCode === null
  }

  start(): void {
    const log = openSync(this.#log, 'a')
    const heap = [`-Xms${Math.min(64, this.#heap_mb)}m`, `-Xmx${this.#heap_mb}m`, '-XX:+UseSerialGC']
    const child = spawn('java', [...heap, ...this.#java.options, this.#program], {
      stdio: ['ignore', log, log],
      env: this.#java.environment,
    })
    closeSync(log)
    this.#child = child
    const endWithUs = (): void => {
      child.kill('SIGKILL')
    }
    process.once('exit', endWithUs)
    child.once('exit', () => process.off('exit', endWithUs))
  }

  async said(): Promise<string> {
    return (await readFile(this.#log, 'utf8').catch(() => '')).slice(-2_000)
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  stop(): Promise<void> {
    this.signal('SIGCONT')
    return this.#end('SIGTERM')
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined || !this.running) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(timer)
  }
}
