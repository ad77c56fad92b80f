import type { SetNode } from '../sql/ast.ts'
import type { Problems } from './problems.ts'
import type { StorageSettings } from './program.ts'

type Read = (text: string) => Partial<StorageSettings> | string

const PORT_MAX = 65_535

const word =
  (name: 's3Region' | 'webhdfsUser'): Read =>
  (text) =>
    /^[^\s/?#@:]+$/.test(text) ? { [name]: text } : 'must be one word'

/** How each setting is read: its part of the settings, or what is wrong with it. */
const SETTINGS: Readonly<Record<string, Read>> = {
  s3_endpoint: (text) =>
    /^https?:\/\/[^\s/?#@]+\/?$/i.test(text)
      ? { s3Endpoint: text.replace(/\/$/, '') }
      : 'must be https://host or http://host:port, without credentials',
  s3_region: word('s3Region'),
  s3_path_style: (text) =>
    /^(true|false)$/i.test(text) ? { s3PathStyle: text.toLowerCase() === 'true' } : 'must be true or false',
  webhdfs_user: word('webhdfsUser'),
  webhdfs_port: (text) =>
    /^\d+$/.test(text) && Number(text) > 0 && Number(text) <= PORT_MAX
      ? { webhdfsPort: Number(text) }
      : 'must be a port',
}

export const STORAGE_SETTING_NAMES: readonly string[] = Object.keys(SETTINGS)

export const isStorageSetting = (name: string): boolean => Object.hasOwn(SETTINGS, name)

/** The settings of stores that a file SETs. */
export const storageSettings = (nodes: readonly SetNode[], problems: Problems): StorageSettings => {
  let settings: StorageSettings = {}
  for (const node of nodes) {
    const name = node.name.name.toLowerCase()
    const read = SETTINGS[name]?.(node.value.text)
    if (typeof read === 'string') problems.error('ENG_SQL_SETTING', node.value.span, `${name} ${read}`)
    else settings = { ...settings, ...read }
  }
  return settings
}

/** One setting given by name outside of a file: its part of the settings, or what is wrong with it. */
export const readStorageSetting = (name: string, text: string): Partial<StorageSettings> | string =>
  SETTINGS[name]?.(text) ?? 'is no setting of stores'
