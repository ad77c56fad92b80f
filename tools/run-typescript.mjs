import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Runs a TypeScript program of the workspace with tsx, in this terminal; answers its exit status. */
export const runTypeScript = (file, args) =>
  spawnSync(process.execPath, ['--import', 'tsx', join(root, file), ...args], { stdio: 'inherit', cwd: root }).status ??
  1
