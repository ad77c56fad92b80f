import { userInfo } from 'node:os'
import type { HdfsLocation } from './location.ts'
import { namenodesOf, readHadoopConfiguration } from './nameservice.ts'
import type { HdfsStorageOptions } from './options.ts'

/** What a location does not say. */
export interface HdfsSettings extends Partial<Omit<HdfsStorageOptions, 'root'>> {
  /** Where WebHDFS of `hdfs://host/…` is. Default 9870, Hadoop's own. */
  readonly webhdfsPort?: number
  /** Where core-site.xml and hdfs-site.xml are. Default: the environment's HADOOP_CONF_DIR. */
  readonly hadoopConfDir?: string
}

const PORT = { hdfs: 9870, webhdfs: 9870, swebhdfs: 9871 }

/**
 * Finds the NameNodes of a location: those of a nameservice in Hadoop's configuration, else the host itself. The user
 * is the location's, the settings', HADOOP_USER_NAME's, or who runs this process, as with Hadoop's own client.
 */
export async function resolveHdfs(
  location: HdfsLocation,
  settings: HdfsSettings,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<HdfsStorageOptions> {
  const { hadoopConfDir = environment['HADOOP_CONF_DIR'], webhdfsPort, ...options } = settings
  return {
    ...options,
    namenodes: settings.namenodes ?? (await namenodes(location, webhdfsPort, hadoopConfDir)),
    root: location.directory,
    user: location.user ?? settings.user ?? environment['HADOOP_USER_NAME'] ?? userInfo().username,
  }
}

async function namenodes(
  location: HdfsLocation,
  webhdfsPort: number | undefined,
  folder: string | undefined,
): Promise<readonly string[]> {
  const { protocol, host, port } = location
  if (folder !== undefined && port === undefined) {
    const found = namenodesOf(await readHadoopConfiguration(folder), host)
    if (found !== undefined) return found
  }
  const scheme = protocol === 'swebhdfs' ? 'https' : 'http'
  const own = protocol === 'hdfs' ? undefined : port
  return [`${scheme}://${host}:${location.webhdfsPort ?? own ?? webhdfsPort ?? PORT[protocol]}`]
}
