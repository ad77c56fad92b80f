import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MillraceError } from '@millrace/engine'
import { locateFile, locateFiles } from '../../src/project/locate.ts'
import { parseSets } from '../../src/project/sets.ts'
import { readSettings } from '../../src/project/settings.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-locate-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = (path: string, text = ''): string => {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
  return join(folder, path)
}
const settings = () => readSettings(folder)

const thrown = (work: () => unknown): MillraceError => {
  try {
    work()
  } catch (error) {
    return error as MillraceError
  }
  throw new Error('nothing was thrown')
}

describe('FILE', () => {
  it('may be left out where there is one .sql file, here or in sql/', () => {
    const file = write('sql/books.sql')
    write('sql/books_test.sql')
    expect(locateFile(undefined, settings(), folder)).toBe(file)
  })

  it('millrace.json says which, from any folder below it', () => {
    const file = write('pipelines/a.sql')
    write('pipelines/b.sql')
    write('millrace.json', '{"file": "pipelines/a.sql", "variables": {"A": "1"}}')
    const below = join(folder, 'pipelines')
    expect(locateFile(undefined, readSettings(below), below)).toBe(file)
    expect(readSettings(below).variables).toEqual({ A: '1' })
  })

  it('a folder means all of its files', () => {
    write('sql/a.sql')
    write('sql/b.sql')
    expect(locateFiles('sql', settings(), folder)).toHaveLength(2)
    expect(thrown(() => locateFile('sql', settings(), folder)).message).toMatch(/Say which/)
  })

  it('a misspelt one is not found, with the name that was meant', () => {
    write('sql/books.sql')
    const error = thrown(() => locateFile('sql/boks.sql', settings(), folder))
    expect(error.code).toBe('ENG_CLI_FILE')
    expect(error.hint).toContain('sql/books.sql')
  })

  it('an unknown key of millrace.json is refused with the key that was meant', () => {
    write('millrace.json', '{"fiel": "a.sql"}')
    expect(thrown(settings).hint).toMatch(/file/)
  })
})

describe('--set', () => {
  it('splits at the first = and never shows what it refuses', () => {
    expect(parseSets(['A=b=c'])).toEqual({ A: 'b=c' })
    expect(thrown(() => parseSets(['hunter22'])).message).not.toContain('hunter22')
  })
})
