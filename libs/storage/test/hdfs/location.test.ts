import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseHdfsLocation, resolveHdfs } from '../../src/hdfs/index.ts'

const property = (name: string, value: string) => `<property><name>${name}</name><value>${value}</value></property>`
const site = (...properties: string[]) => `<?xml version="1.0"?><configuration>${properties.join('')}</configuration>`

const TAKEN: readonly (readonly [string, string, string, string])[] = [
  ['webhdfs://nn:9870/lake/books', '/lake', 'books', 'http://nn:9870'],
  ['WEBHDFS://NN/lake/books/', '/lake', 'books', 'http://nn:9870'],
  ['swebhdfs://nn/books', '/', 'books', 'https://nn:9871'],
  ['hdfs://nn/books', '/', 'books', 'http://nn:9870'],
  ['hdfs://nn:8020/lake/books', '/lake', 'books', 'http://nn:9870'],
  ['hdfs://nn:8020/lake?webhdfs_port=50070/raw/books', '/lake/raw', 'books', 'http://nn:50070'],
  ['webhdfs://nn/my%20lake/100%25+/b%C3%BCcher', '/my lake/100%+', 'bücher', 'http://nn:9870'],
  ['webhdfs://[::1]:9870/lake/books', '/lake', 'books', 'http://[::1]:9870'],
]

const REFUSED: readonly (readonly [string, string])[] = [
  ['webhdfs://nn:9870/', 'root of HDFS'],
  ['webhdfs:///lake/books', 'names no host'],
  ['webhdfs://ann:secret@nn/lake', 'has a user in its host'],
  ['webhdfs://nn/lake/100%', 'encodes nothing'],
  ['webhdfs://nn/lake/a%2Fb', 'within a name'],
  ['webhdfs://nn/lake/a%3Ab', 'allows in no name'],
  ['webhdfs://nn/lake?token=x', 'unknown option token'],
  ['webhdfs://nn/lake?webhdfs_port=0', 'is no port'],
  ['webhdfs://nn/lake#x', 'write them as'],
]

describe('a location in HDFS', () => {
  it.each(TAKEN)('%s names a directory, a table and a NameNode', async (text, directory, name, namenode) => {
    const location = parseHdfsLocation(text)
    expect(location).toMatchObject({ scheme: 'hdfs', directory, name })
    expect((await resolveHdfs(location, {}, {})).namenodes).toEqual([namenode])
    expect(parseHdfsLocation(location.uri)).toEqual(location)
  })

  it.each(REFUSED)('%s is refused with the reason, without a secret', (text, reason) => {
    expect(() => parseHdfsLocation(text)).toThrow(expect.objectContaining({ kind: 'invalid_path' }))
    expect(() => parseHdfsLocation(text)).toThrow(reason)
    expect(() => parseHdfsLocation(text)).not.toThrow('secret')
  })

  it("takes the user from the location, the settings, Hadoop's variable", async () => {
    const plain = parseHdfsLocation('webhdfs://nn/t')
    expect((await resolveHdfs(parseHdfsLocation('webhdfs://nn/t?user=ann'), { user: 'bob' }, {})).user).toBe('ann')
    expect((await resolveHdfs(plain, { user: 'bob' }, { HADOOP_USER_NAME: 'eve' })).user).toBe('bob')
    expect((await resolveHdfs(plain, {}, { HADOOP_USER_NAME: 'eve' })).user).toBe('eve')
  })
})

describe('a nameservice', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hadoop-conf-'))
    await writeFile(join(folder, 'core-site.xml'), site(property('domain', 'dc1.example')))
    const nodes = ['nn1', 'nn2'].map((node) =>
      property(`dfs.namenode.http-address.Lake.${node}`, `${node}.\${domain}:9870`),
    )
    const services = [property('dfs.nameservices', 'other, Lake'), property('dfs.ha.namenodes.Lake', 'nn1,nn2')]
    await writeFile(join(folder, 'hdfs-site.xml'), site(...services, ...nodes))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it("leads to all its NameNodes, by Hadoop's own configuration", async () => {
    for (const protocol of ['hdfs', 'webhdfs']) {
      const found = await resolveHdfs(parseHdfsLocation(`${protocol}://lake/t`), {}, { HADOOP_CONF_DIR: folder })
      expect(found.namenodes).toEqual(['http://nn1.dc1.example:9870', 'http://nn2.dc1.example:9870'])
    }
  })

  it('without an address is an error that names the setting', async () => {
    const found = resolveHdfs(parseHdfsLocation('hdfs://other/t'), { hadoopConfDir: folder }, {})
    await expect(found).rejects.toThrow('dfs.namenode.http-address.other')
  })

  it('that is not configured is a host', async () => {
    const found = await resolveHdfs(parseHdfsLocation('hdfs://nn9/t'), { hadoopConfDir: folder }, {})
    expect(found.namenodes).toEqual(['http://nn9:9870'])
  })

  it('a broken configuration is named', async () => {
    const broken = await mkdtemp(join(tmpdir(), 'hadoop-conf-'))
    await writeFile(join(broken, 'hdfs-site.xml'), '<configuration><property>')
    const found = resolveHdfs(parseHdfsLocation('hdfs://lake/t'), { hadoopConfDir: broken }, {})
    await expect(found).rejects.toThrow('hdfs-site.xml')
    await rm(broken, { recursive: true })
  })
})
