import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ERRORS } from '@millrace/engine'
import { errorsMarkdown } from '@millrace/engine/core/errors/markdown.ts'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean)
const code = tracked.filter((file) => /\.(ts|mjs)$/.test(file))
const text = (file: string) => readFileSync(join(root, file), 'utf8')

describe('the tree is tidy', () => {
  it('no code file passes 500 lines', () => {
    expect(code.filter((file) => text(file).split('\n').length > 500)).toEqual([])
  })
  it('no file is a large blob', () => {
    const large = tracked.filter((file) => file !== 'package-lock.json' && statSync(join(root, file)).size > 100 * 1024)
    expect(large).toEqual([])
  })
  it('no file names a folder of the machine that it was written on', () => {
    const places = [root, ...(homedir() === '/' ? [] : [`${homedir()}/`])]
    expect(tracked.filter((file) => places.some((place) => text(file).includes(place)))).toEqual([])
  })
  it('the lock file records no download address', () => {
    expect(text('package-lock.json')).not.toMatch(/"resolved": "https?:/)
  })
  it('the lock file names the optional packages of every platform (npm run lock)', () => {
    const { packages } = JSON.parse(text('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>
    }
    const missing = Object.entries(packages).flatMap(([at, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`node_modules/${name}` in packages || `${at}/node_modules/${name}` in packages),
      ),
    )
    expect(missing).toEqual([])
  })
  it('nothing is left to do later', () => {
    const word = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|'))
    expect(code.filter((file) => word.test(text(file)))).toEqual([])
  })
  it('decisions are numbered without gaps', () => {
    const numbers = tracked.flatMap((file) => /^docs\/adr\/(\d{4})-/.exec(file)?.[1] ?? []).map(Number)
    expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, i) => i + 1))
  })
  it('docs/errors.md is what the registry says (npm run docs)', () => {
    expect(text('docs/errors.md')).toBe(errorsMarkdown())
  })
  it('every error code is used by the code that is shipped', () => {
    const shipped = code
      .filter((file) => /\/src\//.test(file) && !/core\/errors\/[a-z]+\.ts$/.test(file))
      .map(text)
      .join('\n')
    expect(Object.keys(ERRORS).filter((name) => !shipped.includes(name))).toEqual([])
  })
})
