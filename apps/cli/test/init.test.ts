import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BIN, Project } from './support.ts'

const execute = promisify(execFile)

let project: Project
beforeEach(() => {
  project = new Project()
})
afterEach(() => project.remove())

process.env['MILLRACE_BUILD'] = 'never'
const MILLRACE = `${process.execPath} ${BIN}`

describe('init', () => {
  it('makes a project whose own test passes', async () => {
    await project.ok('init', 'shop')
    const cwd = project.path('shop')
    const { stdout } = await execute(process.execPath, ['--test', 'test/'], { cwd, env: { ...process.env, MILLRACE } })
    expect(stdout).toMatch(/# pass 1/)
  })

  it('makes a script that runs the pipeline, and keeps what it says in logs/', async () => {
    await project.ok('init', 'shop')
    const cwd = project.path('shop')
    const env = { ...process.env, MILLRACE }
    execFileSync(process.execPath, [BIN, 'produce', 'books', '--topic', 'book_data_topic', '--count', '100'], {
      cwd,
      env,
      stdio: 'pipe',
    })
    execFileSync('scripts/run.sh', ['--once'], { cwd, env, stdio: 'pipe' })
    expect(existsSync(project.path('shop/logs/run.log'))).toBe(true)
    expect(project.files('shop/data/lake/raw/books').length).toBeGreaterThan(0)
  })

  it('means the same files from any folder of the project', async () => {
    await project.ok('init', 'shop')
    const cwd = project.path('shop/sql')
    const millrace = (...args: string[]) =>
      execFileSync(process.execPath, [BIN, ...args], { cwd, encoding: 'utf8', stdio: 'pipe' })
    millrace('produce', 'books', '--topic', 'book_data_topic', '--count', '10')
    millrace('run', '--once')
    expect(project.files('shop/data/topics').length).toBeGreaterThan(0)
    expect(project.files('shop/data/lake/raw/books').length).toBeGreaterThan(0)
    expect(project.files('shop/sql')).toHaveLength(1)
  })

  it('overwrites nothing', async () => {
    project.write('shop/mine.txt', 'mine')
    const { code, stderr } = await project.run('init', 'shop')
    expect(code).toBe(1)
    expect(stderr).toContain('ENG_CLI_FILE')
    expect(project.files('shop')).toHaveLength(1)
  })
})
