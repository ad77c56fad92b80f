import type { TablePlan } from '@millrace/engine/plan/consumption-plan.ts'
import type { TableEntry } from '@millrace/engine/plan/program.ts'
import { openStorage, parseLocation, type StorageAdapter, type StoragePath } from '@millrace/storage'
import type { LoadedFile } from './load.ts'
import { patientStore } from './patient-store.ts'
import { committedFiles, type KnownPipeline, knownPipelines, type StoredFile } from './pipelines.ts'

/** What a query can name: a table or the dead letters, with the files that hold it now. */
export interface Relation {
  readonly name: string
  readonly files: readonly StoredFile[]
  /** Empty where only the files know. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly partitionBy: readonly string[]
  /** Millrace's files hold their partition columns; those of others may have them in their paths only. */
  readonly partitionsInPaths: boolean
}

export const DEAD_LETTERS = 'millrace_dead_letters'

/** Columns of a dead-letter file. */
const DEAD_LETTER_COLUMNS = [
  ['stream', 'VARCHAR'],
  ['topic', 'VARCHAR'],
  ['partition', 'INTEGER'],
  ['offset', 'BIGINT'],
  ['timestamp', 'TIMESTAMPTZ'],
  ['key', 'BLOB'],
  ['raw', 'BLOB'],
  ['row_ordinal', 'INTEGER'],
  ['reasons', 'STRUCT("column" VARCHAR, "rule" VARCHAR, "value" VARCHAR, "message" VARCHAR)[]'],
  ['batch', 'BIGINT'],
  ['rejected_at', 'TIMESTAMPTZ'],
].map(([name, type]) => ({ name: name!, type: type! }))

/** Where DuckDB reads a file of a local store; undefined for a file of a remote one. */
export const localPath = (store: StorageAdapter, path: string): string | undefined =>
  store.scheme === 'file' ? `${store.location.replace(/^file:\/\//, '').replace(/\/$/, '')}/${path}` : undefined

/** The relations of a file: its tables, as their commits have them, and its dead letters. */
export const relationsOf = async (loaded: LoadedFile): Promise<readonly Relation[]> => {
  const relations: Relation[] = []
  const deadLetters: StoredFile[] = []
  for (const pipeline of knownPipelines(loaded)) {
    const files = await committedFiles(pipeline)
    deadLetters.push(...files.deadLetters)
    for (const table of tablesOf(pipeline)) {
      relations.push({
        name: table.name,
        files: files.tables.get(table.name) ?? [],
        columns: columnsOf(pipeline, table),
        partitionBy: table.partitionBy,
        partitionsInPaths: false,
      })
    }
  }
  const written = new Set(relations.map(({ name }) => name))
  for (const table of loaded.program.tables) {
    if (!written.has(table.name)) relations.push(await foreignTable(table, loaded))
  }
  const rejected = { name: DEAD_LETTERS, files: deadLetters, columns: DEAD_LETTER_COLUMNS, partitionBy: [] }
  return [...relations, { ...rejected, partitionsInPaths: false }]
}

/** A table that the file only reads: what lies in its folder. */
const foreignTable = async ({ name, location, columns, partitionBy }: TableEntry, { storage }: LoadedFile) => {
  const at = parseLocation(location, process.cwd())
  const store = openStorage(at, storage)
  const files: StoredFile[] = []
  for await (const { path, bytes } of patientStore(store).list(at.name)) {
    if (path.endsWith('.parquet')) files.push({ store, path, bytes, sha256: '', root: at.name as StoragePath })
  }
  return { name, files, columns, partitionBy, partitionsInPaths: true }
}

const tablesOf = ({ plan }: KnownPipeline): readonly TablePlan[] =>
  plan.outputs.flatMap(({ target }, i) =>
    target.kind === 'table' && plan.outputs.findIndex((o) => o.target.name === target.name) === i ? [target] : [],
  )

const columnsOf = ({ plan }: KnownPipeline, table: TablePlan): Relation['columns'] =>
  plan.outputs
    .find(({ target }) => target.name === table.name)!
    .columns.map(({ name, storedType }) => ({ name, type: storedType }))
