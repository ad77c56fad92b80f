import type { HdfsLocation } from './hdfs/location.ts'
import type { HdfsSettings } from './hdfs/resolve.ts'
import { lazyStorage } from './lazy.ts'
import { openLocalStorage } from './local/index.ts'
import { type Location, storeOf } from './location.ts'
import type { StorageAdapter } from './port.ts'
import type { S3StorageOptions } from './s3/index.ts'
import type { S3Location } from './s3/location.ts'

export interface OpenStorageOptions {
  /** What an S3 location does not say, above all credentials. The location's own words win. */
  readonly s3?: Omit<S3StorageOptions, 'bucket' | 'prefix'>
  /** What an HDFS location does not say. The location's own words win. */
  readonly hdfs?: HdfsSettings
}

/**
 * The adapter that holds a location's table under `location.name`. Touches no store; a remote store's client is loaded
 * by the first verb. One adapter serves all locations of the same {@link storeOf}.
 */
export function openStorage(location: Location, options: OpenStorageOptions = {}): StorageAdapter {
  switch (location.scheme) {
    case 'file':
      return openLocalStorage({ root: location.root })
    case 's3':
      return lazyStorage({ scheme: 's3', location: s3Name(location) }, () => openS3(location, options))
    case 'hdfs':
      return lazyStorage({ scheme: 'hdfs', location: bare(location) }, () => openHdfs(location, options))
    default:
      return location satisfies never
  }
}

async function openS3(location: S3Location, options: OpenStorageOptions): Promise<StorageAdapter> {
  const { bucket, prefix, endpoint, region, pathStyle } = location
  const { openS3Storage } = await import('./s3/index.ts')
  return openS3Storage({
    ...options.s3,
    bucket,
    prefix,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(pathStyle === undefined ? {} : { pathStyle }),
  })
}

async function openHdfs(location: HdfsLocation, options: OpenStorageOptions): Promise<StorageAdapter> {
  const { openHdfsStorage, resolveHdfs } = await import('./hdfs/index.ts')
  return openHdfsStorage(await resolveHdfs(location, options.hdfs ?? {}, process.env))
}

function s3Name({ bucket, prefix }: S3Location): string {
  return prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`
}

/** As the adapter itself says it: without options. */
function bare(location: HdfsLocation): string {
  return storeOf(location).replace(/\?.*$/, '')
}
