import { MillraceError } from '@millrace/engine'
import { quoteText } from '@millrace/engine/duckdb/sql-text.ts'
import { describe, explainStatement, type Listing, show } from '@millrace/engine/plan/look.ts'
import type { Inspection } from '@millrace/engine/plan/program.ts'
import { type Format, type ResultSet, renderRows } from '../output/rows.ts'
import type { Terminal } from '../output/terminal.ts'
import type { LoadedFile } from '../project/load.ts'
import { knownPipelines } from '../project/pipelines.ts'
import { Reader } from '../project/reader.ts'

/** Answers the statements of a file that only look: SELECT, SHOW, DESCRIBE and EXPLAIN, in their order. */
export const runInspections = async (
  terminal: Terminal,
  files: readonly LoadedFile[],
  format: Format | undefined,
): Promise<void> => {
  for (const loaded of files) {
    for (const inspection of loaded.program.inspections) {
      if (inspection.kind === 'explain') {
        terminal.data(explainStatement(loaded.program, inspection))
        continue
      }
      const text = renderRows(await answer(loaded, inspection), format ?? 'table')
      if (text !== '') terminal.data(text)
    }
  }
}

const listed = (listing: Listing): ResultSet => ({
  columns: listing.columns.map((name) => ({ name })),
  rows: listing.rows,
})

const answer = async (
  loaded: LoadedFile,
  inspection: Exclude<Inspection, { readonly kind: 'explain' }>,
): Promise<ResultSet> => {
  const { program } = loaded
  switch (inspection.kind) {
    case 'select':
      return withReader(loaded, (reader) => reader.query(inspection.sql))
    case 'describe': {
      const listing = describe(program, inspection.name)
      if (listing !== undefined) return listed(listing)
      throw new MillraceError('ENG_CLI_NOTHING_FOUND', `Nothing is named ${inspection.name}`)
    }
    case 'show': {
      const listing = show(program, inspection.what)
      if (listing !== undefined) return listed(listing)
      return inspection.what === 'batches' ? batchesOf(loaded, inspection.of) : deadLettersOf(loaded, inspection.of)
    }
  }
}

const withReader = async <T>(loaded: LoadedFile, work: (reader: Reader) => Promise<T>): Promise<T> => {
  const reader = await Reader.open(loaded)
  try {
    return await work(reader)
  } finally {
    reader.close()
  }
}

const deadLettersOf = (loaded: LoadedFile, stream: string | undefined): Promise<ResultSet> =>
  withReader(loaded, (reader) =>
    reader.query(
      `SELECT * EXCLUDE (raw, "key") FROM millrace_dead_letters${stream === undefined ? '' : ` WHERE stream ILIKE ${quoteText(stream)}`}`,
    ),
  )

const batchesOf = async (loaded: LoadedFile, pipeline: string | undefined): Promise<ResultSet> => {
  const rows: unknown[][] = []
  for (const { plan, log } of knownPipelines(loaded)) {
    if (pipeline !== undefined && plan.pipeline.toLowerCase() !== pipeline.toLowerCase()) continue
    for await (const { version, kind, batchTime, files } of log.readCommits()) {
      rows.push([plan.pipeline, version, kind, batchTime, files.length])
    }
  }
  return { columns: ['pipeline', 'version', 'kind', 'time', 'files'].map((name) => ({ name })), rows }
}
