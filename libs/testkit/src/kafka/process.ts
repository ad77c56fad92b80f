import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePorts } from './free-port.ts'
import { checkJava, installKafka } from './install.ts'
import type { KafkaOptions, KafkaService } from './kafka-service.ts'
import { type Node, serverProperties } from './properties.ts'

const run = promisify(execFile)
const READY_MS = 120_000
const STOP_MS = 15_000

/** Starts Kafka as processes of this machine, with free ports and data of its own below the system's temporary folder. */
export const startKafkaProcesses = async (options: KafkaOptions): Promise<KafkaService> => {
  await checkJava()
  const installed = await installKafka()
  const folder = await mkdtemp(join(tmpdir(), 'millrace-kafka-'))
  const count = options.brokers ?? 1
  const ports = await freePorts(count * 2)
  const nodes = Array.from({ length: count }, (_, i) => ({
    id: i + 1,
    port: ports[i * 2]!,
    controllerPort: ports[i * 2 + 1]!,
  }))
  const clusterId = randomBytes(16).toString('base64url')
  const brokers = nodes.map((node) => new BrokerProcess(installed, folder, node, options.heap_mb ?? 256))
  const stop = async (): Promise<void> => {
    await Promise.all(brokers.map((broker) => broker.stop()))
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await Promise.all(brokers.map((broker) => broker.format(nodes, clusterId)))
    await Promise.all(brokers.map((broker) => broker.start()))
  } catch (error) {
    await stop()
    throw error
  }
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
  return {
    brokers: addresses,
    bootstrap: addresses.join(','),
    kill: (broker = 1) => brokers[broker - 1]!.kill(),
    restart: (broker = 1) => brokers[broker - 1]!.start(),
    stop,
  }
}

/** One broker: its configuration, its data, its process. */
class BrokerProcess {
  readonly #installed: string
  readonly #node: Node
  readonly #heap_mb: number
  readonly #properties: string
  readonly #data: string
  readonly #log: string
  #child: ChildProcess | undefined

  constructor(installed: string, folder: string, node: Node, heap_mb: number) {
    this.#installed = installed
    this.#node = node
    this.#heap_mb = heap_mb
    this.#properties = join(folder, `broker-${node.id}.properties`)
    this.#data = join(folder, `broker-${node.id}`)
    this.#log = join(folder, `broker-${node.id}.log`)
  }

  #java(): string[] {
    const logging = `-Dlog4j2.configurationFile=${join(this.#installed, 'log4j2.yaml')}`
    return [logging, '-Djava.awt.headless=true', '-cp', join(this.#installed, 'lib', '*')]
  }

  async format(nodes: readonly Node[], clusterId: string): Promise<void> {
    await writeFile(this.#properties, serverProperties(this.#node, nodes, this.#data))
    const standalone = nodes.length === 1 ? ['--standalone'] : []
    const format = ['kafka.tools.StorageTool', 'format', ...standalone, '-t', clusterId, '-c', this.#properties]
    await run('java', ['-Xmx128m', '-XX:TieredStopAtLevel=1', ...this.#java(), ...format], { timeout: READY_MS })
  }

  async start(): Promise<void> {
    const log = openSync(this.#log, 'w')
    const heap = [`-Xms${Math.min(128, this.#heap_mb)}m`, `-Xmx${this.#heap_mb}m`, '-XX:+UseSerialGC']
    const child = spawn('java', [...heap, ...this.#java(), 'kafka.Kafka', this.#properties], {
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    this.#child = child
    const endWithUs = (): void => {
      child.kill('SIGKILL')
    }
    process.once('exit', endWithUs)
    child.once('exit', () => process.off('exit', endWithUs))
    await this.#ready(child)
  }

  async #ready(child: ChildProcess): Promise<void> {
    for (const deadline = Date.now() + READY_MS; Date.now() < deadline; ) {
      const said = await readFile(this.#log, 'utf8')
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`Kafka broker ${this.#node.id} ended while it started:\n${said.slice(-2_000)}`)
      }
      if (said.includes('Kafka Server started') && (await isOpen(this.#node.port))) return
      await sleep(100)
    }
    throw new Error(`Kafka broker ${this.#node.id} was not ready within ${READY_MS} ms`)
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(timer)
  }
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
