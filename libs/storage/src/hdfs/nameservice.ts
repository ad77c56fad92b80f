import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { XMLParser } from 'fast-xml-parser'
import { StorageError } from '../port.ts'

/** Hadoop's settings by name, those of hdfs-site.xml over those of core-site.xml. */
export type HadoopConfiguration = ReadonlyMap<string, string>

const FILES = ['core-site.xml', 'hdfs-site.xml']
/** As Hadoop's own reader has it: `${name}` inside a value may lead to another so many times. */
const SUBSTITUTIONS_MAX = 20

/**
 * Reads a Hadoop configuration folder (`HADOOP_CONF_DIR`). A file that is not there holds nothing. XInclude is not
 * followed. Throws StorageError `invalid_path` for what is not such a file.
 */
export async function readHadoopConfiguration(folder: string): Promise<HadoopConfiguration> {
  const settings = new Map<string, string>()
  for (const name of FILES) {
    const path = join(folder, name)
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return ''
      throw new StorageError('permission', path, `cannot read Hadoop's configuration ${JSON.stringify(path)}`, cause)
    })
    if (text !== '') for (const [key, value] of propertiesOf(text, path)) settings.set(key, value)
  }
  return settings
}

/**
 * The NameNodes of a nameservice as `http://host:port` (`https:` where `dfs.http.policy` says HTTPS_ONLY), in the order
 * of `dfs.ha.namenodes`. Undefined when the configuration has no nameservice of that name.
 */
export function namenodesOf(settings: HadoopConfiguration, nameservice: string): readonly string[] | undefined {
  const listed = [...listOf(settings, 'dfs.nameservices'), ...listOf(settings, 'dfs.internal.nameservices')]
  const service = listed.find((name) => name.toLowerCase() === nameservice.toLowerCase())
  if (service === undefined) return undefined
  const tls = settingOf(settings, 'dfs.http.policy')?.toUpperCase() === 'HTTPS_ONLY'
  const key = tls ? 'dfs.namenode.https-address' : 'dfs.namenode.http-address'
  const nodes = listOf(settings, `dfs.ha.namenodes.${service}`)
  const keys = nodes.length === 0 ? [`${key}.${service}`] : nodes.map((node) => `${key}.${service}.${node}`)
  return keys.map((name) => {
    const address = settingOf(settings, name)
    if (address !== undefined) return `${tls ? 'https' : 'http'}://${address}`
    const message = `Hadoop's configuration has the nameservice ${service}, and no ${name}`
    throw new StorageError('invalid_path', nameservice, message)
  })
}

function propertiesOf(text: string, path: string): (readonly [string, string])[] {
  const parser = new XMLParser({
    parseTagValue: false,
    processEntities: true,
    isArray: (name) => name === 'property',
  })
  let parsed: { configuration?: { property?: { name?: unknown; value?: unknown }[] } | string }
  try {
    parsed = parser.parse(text, true)
  } catch (cause) {
    throw new StorageError('invalid_path', path, `${JSON.stringify(path)} is not XML`, cause)
  }
  if (parsed.configuration === undefined) {
    throw new StorageError('invalid_path', path, `${JSON.stringify(path)} is not a Hadoop configuration`)
  }
  const properties = typeof parsed.configuration === 'string' ? [] : (parsed.configuration.property ?? [])
  return properties.flatMap(({ name, value }) =>
    typeof name === 'string' && typeof value === 'string' ? [[name.trim(), value.trim()] as const] : [],
  )
}

function settingOf(settings: HadoopConfiguration, name: string): string | undefined {
  let value = settings.get(name)
  for (let left = SUBSTITUTIONS_MAX; value?.includes('${') && left > 0; left -= 1) {
    value = value.replace(/\$\{([^}]+)\}/, (whole, key: string) => settings.get(key) ?? whole)
  }
  return value
}

function listOf(settings: HadoopConfiguration, name: string): string[] {
  const words = settingOf(settings, name)?.split(',') ?? []
  return words.map((word) => word.trim()).filter((word) => word !== '')
}
