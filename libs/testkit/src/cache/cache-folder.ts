import { mkdir, open, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the testkit keeps what it installs: outside the checkout, so that a clean clone finds it again. */
export const cacheFolder = (): string => process.env['MILLRACE_CACHE'] ?? join(homedir(), '.cache', 'millrace')

const sleep = (duration_ms: number) => new Promise((resolve) => setTimeout(resolve, duration_ms))
const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )
/** A lock older than this belonged to an install that was killed. */
const STALE_LOCK_MS = 15 * 60_000

/**
 * Runs `install` once per name and version for all processes of this machine, and answers the folder it filled. A folder
 * without its marker is half-installed and is filled again from empty.
 */
export const installOnce = async (name: string, install: (folder: string) => Promise<void>): Promise<string> => {
  const folder = join(cacheFolder(), name)
  const marker = join(folder, '.installed')
  const lock = `${folder}.lock`
  await mkdir(cacheFolder(), { recursive: true })
  while (!(await exists(marker))) {
    const handle = await open(lock, 'wx').catch(() => undefined)
    if (handle === undefined) {
      const held = await stat(lock).catch(() => undefined)
      if (held !== undefined && Date.now() - held.mtimeMs > STALE_LOCK_MS) await rm(lock, { force: true })
      await sleep(500)
      continue
    }
    try {
      if (await exists(marker)) break
      await rm(folder, { recursive: true, force: true })
      await mkdir(folder, { recursive: true })
      await install(folder)
      await writeFile(marker, '')
    } finally {
      await handle.close()
      await rm(lock, { force: true })
    }
  }
  return folder
}
