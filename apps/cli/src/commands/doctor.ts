import { existsSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import type { StreamPlan } from '@millrace/engine/plan/consumption-plan.ts'
import { openSource } from '@millrace/engine/sources/open-source.ts'
import { asMillraceError } from '@millrace/engine'
import { parseFormat, renderRows } from '../output/rows.ts'
import type { Terminal } from '../output/terminal.ts'
import { counted, formatBytes } from '../output/units.ts'
import { locateFiles } from '../project/locate.ts'
import { type FileOptions, loadFiles } from '../project/load.ts'
import { knownPipelines } from '../project/pipelines.ts'
import { Reader } from '../project/reader.ts'
import { readSettings } from '../project/settings.ts'

interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly detail: string
}

const SOURCE_WAIT_MS = 5_000
const NODE_MAJOR_MIN = 20

const probe = async (check: string, look: () => Promise<string>): Promise<Finding> => {
  try {
    return { check, ok: true, detail: await look() }
  } catch (thrown) {
    const error = asMillraceError(thrown)
    return { check, ok: false, detail: error.code === 'ENG_BUG' ? error.message : `${error.code}: ${error.message}` }
  }
}

const machine = async (): Promise<readonly Finding[]> => [
  { check: 'node', ok: Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN, detail: process.version },
  { check: 'memory', ok: true, detail: `${formatBytes(freemem())} free of ${formatBytes(totalmem())}` },
  await probe('duckdb', async () => {
    const reader = await Reader.open()
    try {
      return String((await reader.query('SELECT version()')).rows[0]?.[0])
    } finally {
      reader.close()
    }
  }),
]

const source = (stream: StreamPlan): Promise<Finding> =>
  probe(`topic ${stream.source.topic}`, async () => {
    let trouble: string | undefined
    const reader = openSource(stream.source, { onTrouble: (message) => (trouble = message ?? trouble) })
    try {
      const { partitions } = await reader.describe(AbortSignal.timeout(SOURCE_WAIT_MS))
      const messages = partitions.reduce((sum, { earliest, latest }) => sum + latest - earliest, 0n)
      return `${counted(partitions.length, 'partition')}, ${counted(messages, 'message')}`
    } catch (thrown) {
      throw trouble === undefined ? thrown : new Error(trouble)
    } finally {
      await reader.close()
    }
  })

/** `millrace doctor`: what could be wrong with this machine, and with a file's brokers and stores. */
export const doctor = async (
  terminal: Terminal,
  file: string | undefined,
  options: FileOptions & { readonly format?: string },
): Promise<number> => {
  const findings: Finding[] = [...(await machine())]
  const settings = readSettings(process.cwd())
  const hasFile = file !== undefined || settings.file !== undefined || existsSync('sql')
  if (hasFile && locateFiles(file, settings, process.cwd()).length > 0) {
    for (const loaded of await loadFiles(terminal, file, options)) {
      for (const { plan, place } of knownPipelines(loaded)) {
        for (const stream of plan.streams) findings.push(await source(stream))
        for (const store of new Set([place.state, ...[...place.targets.values()].map((target) => target.store)])) {
          findings.push(
            await probe(`store ${store.location}`, async () => {
              await store.probe(place.stateRoot)
              return 'create-if-absent excludes, publishing is idempotent'
            }),
          )
        }
      }
    }
  }
  const columns = ['check', 'ok', 'detail'].map((name) => ({ name }))
  const rows = findings.map(({ check, ok, detail }) => [check, ok, detail])
  terminal.data(renderRows({ columns, rows }, parseFormat(options.format ?? 'table')))
  return findings.every(({ ok }) => ok) ? 0 : 1
}
