import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { installOnce } from '../cache/cache-folder.ts'

const run = promisify(execFile)
const requirements = fileURLToPath(new URL('../../services/python/requirements.txt', import.meta.url))

/** A Python with the readers that share none of our code (duckdb, pyspark), in an environment of its own in the cache. */
export const pythonWithReaders = async (): Promise<string> => {
  const wanted = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12)
  const folder = await installOnce(`python-${wanted}`, async (into) => {
    await run('python3', ['-m', 'venv', into])
    await run(join(into, 'bin', 'pip'), ['install', '--quiet', '-r', requirements], { timeout: 600_000 })
  })
  return join(folder, 'bin', 'python')
}

/** Runs a Python program and answers what it printed. A non-zero exit throws with its stderr. */
export const runPython = async (program: string, args: readonly string[]): Promise<string> => {
  const python = await pythonWithReaders()
  const { stdout } = await run(python, ['-c', program, ...args], { timeout: 240_000, maxBuffer: 64 * 1024 * 1024 })
  return stdout
}
