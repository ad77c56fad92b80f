import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sqlErrors } from '../../../src/core/errors/sql.ts'

const source = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.endsWith('errors'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')

describe('the codes of SQL text', () => {
  it('are each used somewhere', () => {
    const text = source(join(import.meta.dirname, '../../../src'))
    expect(Object.keys(sqlErrors).filter((code) => !text.includes(`'${code}'`))).toEqual([])
  })
})
