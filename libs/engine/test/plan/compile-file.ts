import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { openSqlEngine } from '../../src/duckdb/sql-engine.ts'
import { type Compiled, compile } from '../../src/plan/compile.ts'
import { parseFile } from '../../src/sql/parse-file.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const parse = (text: string, file: string) => parseFile(text, { file, lookup: () => undefined })

/** Compiles a text as the application does, with files of the disk and no variables. */
export const compileText = async (text: string, file: string, cwd: string): Promise<Compiled> => {
  const engine = await openSqlEngine()
  try {
    const parsed = parse(text, file)
    const ports = { engine, parse, sha256, readFile: (path: string) => readFile(path, 'utf8').catch(() => undefined) }
    return await compile(parsed.file, ports, { cwd, diagnostics: parsed.diagnostics })
  } finally {
    await engine.close()
  }
}
