import { MillraceError } from '@millrace/engine'
import type { StorageSettings } from '@millrace/engine/plan/program.ts'
import { readStorageSetting, STORAGE_SETTING_NAMES } from '@millrace/engine/plan/storage-settings.ts'
import type { OpenStorageOptions } from '@millrace/storage'

/**
 * What stores are opened with: `--set s3_endpoint=…` wins over the file's SET. A location's own options win over both;
 * credentials come from the environment alone. Throws ENG_CLI_USAGE.
 */
export const storageOptions = (
  settings: StorageSettings,
  given: Readonly<Record<string, string | undefined>>,
): OpenStorageOptions => {
  let all = settings
  for (const name of STORAGE_SETTING_NAMES) {
    const text = given[name]
    if (text === undefined) continue
    const read = readStorageSetting(name, text)
    if (typeof read === 'string') throw new MillraceError('ENG_CLI_USAGE', `${name} ${read}`)
    all = { ...all, ...read }
  }
  const { s3Endpoint, s3Region, s3PathStyle, webhdfsUser, webhdfsPort } = all
  return {
    s3: {
      ...(s3Endpoint === undefined ? {} : { endpoint: s3Endpoint }),
      ...(s3Region === undefined ? {} : { region: s3Region }),
      ...(s3PathStyle === undefined ? {} : { pathStyle: s3PathStyle }),
    },
    hdfs: {
      ...(webhdfsUser === undefined ? {} : { user: webhdfsUser }),
      ...(webhdfsPort === undefined ? {} : { webhdfsPort }),
    },
  }
}
