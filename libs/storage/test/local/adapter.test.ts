import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storageConformance } from '../../src/conformance.ts'
import { openLocalStorage } from '../../src/local/index.ts'

storageConformance('local', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'storage-local-'))
  return {
    adapter: openLocalStorage({ root: join(folder, 'lake') }),
    cleanup: () => rm(folder, { recursive: true, force: true }),
  }
})
