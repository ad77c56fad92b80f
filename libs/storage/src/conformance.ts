import { describe } from 'vitest'
import { abortCases } from './conformance/abort.ts'
import { createCases } from './conformance/create.ts'
import { harness, type OpenStorage } from './conformance/harness.ts'
import { listCases } from './conformance/list.ts'
import { objectCases } from './conformance/objects.ts'
import { publishCases } from './conformance/publish.ts'
import { stageCases } from './conformance/stage.ts'

export type { OpenStorage, OpenedStorage } from './conformance/harness.ts'

/**
 * What every adapter and every decorator of one must do, as vitest cases. `open` gives a fresh, empty store each time
 * (a new folder, a new prefix of a bucket); `cleanup` takes it away. Local files are made below the system's temporary
 * folder. For tests only: it imports vitest.
 */
export function storageConformance(name: string, open: OpenStorage): void {
  describe(`${name} keeps the storage contract`, () => {
    const test = harness(open)
    describe('objects', () => objectCases(test))
    describe('create if absent', () => createCases(test))
    describe('listing', () => listCases(test))
    describe('staging', () => stageCases(test))
    describe('publishing', () => publishCases(test))
    describe('abort and probe', () => abortCases(test))
  })
}
