import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cacheFolder } from '../cache/cache-folder.ts'

/** What `services up` has started: one supervisor process, and what its servers answer at. */
export interface ServicesRecord {
  /** The supervisor's, which is also the id of the process group that its servers are in. */
  readonly pid: number
  readonly kafka: string
  readonly webhdfs: string
  readonly webhdfsUser: string
  readonly s3: string
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const file = (): string => join(cacheFolder(), 'services.json')

export const logFile = (): string => join(cacheFolder(), 'services.log')

export const writeRecord = (record: ServicesRecord): void => {
  mkdirSync(dirname(file()), { recursive: true })
  writeFileSync(`${file()}.${process.pid}`, JSON.stringify(record, undefined, 2), { mode: 0o600 })
  renameSync(`${file()}.${process.pid}`, file())
}

export const readRecord = (): ServicesRecord | undefined => {
  try {
    return JSON.parse(readFileSync(file(), 'utf8')) as ServicesRecord
  } catch {
    return undefined
  }
}

export const removeRecord = (): void => rmSync(file(), { force: true })
