import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePorts } from '../kafka/free-port.ts'
import { makeBucket, whenReady } from './buckets.ts'
import { checkGo, installVersityGateway } from './install.ts'
import { OWNER, REGION, type S3Credentials, type S3Service } from './s3-service.ts'

const run = promisify(execFile)
const ADMIN_MS = 30_000

/** Starts the gateway as a process, on a free port, with data of its own below the system's temporary folder. */
export const startS3Process = async (): Promise<S3Service> => {
  await checkGo()
  const program = await installVersityGateway()
  const folder = await mkdtemp(join(tmpdir(), 'millrace-s3-'))
  await Promise.all(['data', 'iam'].map((name) => mkdir(join(folder, name))))
  const [port] = (await freePorts(1)) as [number]
  const gateway = new Gateway(program, folder, port)
  try {
    await gateway.restart()
  } catch (error) {
    await gateway.stop()
    throw error
  }
  return gateway
}

class Gateway implements S3Service {
  readonly endpoint: string
  readonly region = REGION
  readonly credentials = OWNER
  readonly #program: string
  readonly #folder: string
  readonly #log: string
  readonly #port: number
  #child: ChildProcess | undefined

  constructor(program: string, folder: string, port: number) {
    this.#program = program
    this.#folder = folder
    this.#log = join(folder, 'log')
    this.#port = port
    this.endpoint = `http://127.0.0.1:${port}`
  }

  bucket(name?: string): Promise<string> {
    return makeBucket(this.endpoint, name)
  }

  async stranger(): Promise<S3Credentials> {
    const stranger = { accessKeyId: `stranger-${randomBytes(4).toString('hex')}`, secretAccessKey: 'knows-nobody-here' }
    const owner = ['--access', OWNER.accessKeyId, '--secret', OWNER.secretAccessKey, '--endpoint-url', this.endpoint]
    const user = ['--access', stranger.accessKeyId, '--secret', stranger.secretAccessKey, '--role', 'user']
    await run(this.#program, ['admin', ...owner, 'create-user', ...user], { timeout: ADMIN_MS })
    return stranger
  }

  async pause(): Promise<void> {
    this.#child?.kill('SIGSTOP')
  }

  async resume(): Promise<void> {
    this.#child?.kill('SIGCONT')
  }

  async restart(): Promise<void> {
    const log = openSync(this.#log, 'w')
    const listen = ['--port', `127.0.0.1:${this.#port}`, '--region', REGION, '--keep-alive', '--quiet']
    const data = ['--iam-dir', join(this.#folder, 'iam'), 'posix', join(this.#folder, 'data')]
    const child = spawn(this.#program, [...listen, ...data], {
      stdio: ['ignore', log, log],
      env: { ...process.env, ROOT_ACCESS_KEY_ID: OWNER.accessKeyId, ROOT_SECRET_ACCESS_KEY: OWNER.secretAccessKey },
    })
    closeSync(log)
    this.#child = child
    const endWithUs = (): void => {
      child.kill('SIGKILL')
    }
    process.once('exit', endWithUs)
    child.once('exit', () => process.off('exit', endWithUs))
    await whenReady(this.endpoint, () =>
      hasEnded(child) ? `the S3 server ended while it started:\n${readFileSync(this.#log, 'utf8')}` : undefined,
    )
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || hasEnded(child)) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  async stop(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null
