import { randomBytes } from 'node:crypto'
import { requireOrSkip } from '@millrace/testkit'
import { checkHdfs, type HdfsService, startHdfs } from '@millrace/testkit/hdfs/index.ts'
import { afterAll, beforeAll, describe } from 'vitest'
import { storageConformance } from '../../src/conformance.ts'
import { openHdfsStorage } from '../../src/hdfs/index.ts'

describe.skipIf(!(await requireOrSkip('HDFS', checkHdfs)))('on a real HDFS', () => {
  let hdfs: HdfsService
  beforeAll(async () => {
    hdfs = await startHdfs()
  })
  afterAll(() => hdfs?.stop())

  storageConformance('hdfs', async () => ({
    adapter: openHdfsStorage({
      namenodes: [hdfs.namenode],
      root: `/lakes/${randomBytes(4).toString('hex')}/a lake+%`,
      user: hdfs.user,
    }),
    cleanup: async () => undefined,
  }))
})
