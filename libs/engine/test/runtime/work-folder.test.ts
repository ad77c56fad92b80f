import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createWorkFolder, makeFolder } from '../../src/runtime/work-folder.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-work-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const host = hostname().replace(/[^A-Za-z0-9]/g, '_')

describe('createWorkFolder', () => {
  it('removes what dead processes of this machine left, and nothing else', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    const stale = join(root, `work-${host}-${dead}-00ff`)
    const kept = [`work-${host}-${process.ppid}-00ff`, 'work-elsewhere9-1-00ff', 'staging'].map((name) =>
      join(root, name),
    )
    for (const folder of [stale, ...kept]) mkdirSync(folder)
    const mine = await createWorkFolder(root, 'abcd')
    expect(existsSync(mine)).toBe(true)
    expect(existsSync(stale)).toBe(false)
    for (const folder of kept) expect(existsSync(folder)).toBe(true)
  })

  it('a folder that cannot be made is a coded error, not a bug', async () => {
    const file = join(root, 'file')
    writeFileSync(file, '')
    await expect(makeFolder(join(file, 'below'))).rejects.toMatchObject({ code: 'ENG_STORE_REFUSED' })
  })

  it('says that the disk is read-only though Node says that a folder is missing', async () => {
    const failed = (code: string) => Object.assign(new Error(`${code}: mkdir`), { code })
    const readOnly = (path: string, options?: { readonly recursive: true }): Promise<unknown> => {
      if (options?.recursive === true) return Promise.reject(failed('ENOENT'))
      if (path === '/lake') return Promise.reject(failed('EEXIST'))
      return Promise.reject(failed(path === '/lake/a' ? 'EROFS' : 'ENOENT'))
    }
    await expect(makeFolder('/lake/a/b/c', readOnly)).rejects.toMatchObject({
      code: 'ENG_STORE_REFUSED',
      message: expect.stringMatching(/\/lake\/a\/b\/c cannot be made: EROFS/),
    })
  })
})
