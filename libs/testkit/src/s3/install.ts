import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installOnce } from '../cache/cache-folder.ts'

const run = promisify(execFile)
const MODULE = 'github.com/versity/versitygw/cmd/versitygw'
const VERSION = 'v1.8.0'
const BUILD_MS = 15 * 60_000

/** The S3 gateway's program: built from Go modules once per machine, then found without any network. */
export const installVersityGateway = async (): Promise<string> => {
  const folder = await installOnce(`versitygw-${VERSION}`, async (into) => {
    process.stderr.write(`testkit: building ${MODULE}@${VERSION} once for this machine; takes some minutes\n`)
    const start_ms = performance.now()
    const env = { ...process.env, GOBIN: into, CGO_ENABLED: '0' }
    await run('go', ['install', '-trimpath', `${MODULE}@${VERSION}`], { env, timeout: BUILD_MS })
    process.stderr.write(`testkit: built it in ${Math.round((performance.now() - start_ms) / 1_000)} s\n`)
  })
  return join(folder, 'versitygw')
}

/** Throws where there is no Go. */
export const checkGo = async (): Promise<void> => {
  await run('go', ['version'], { timeout: 20_000 }).catch(() => {
    throw new Error('neither a container engine nor Go is there')
  })
}
