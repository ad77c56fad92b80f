import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { installOnce } from '../cache/cache-folder.ts'

const run = promisify(execFile)
const file = (name: string): string => fileURLToPath(new URL(`../../services/hdfs/${name}`, import.meta.url))

/** The folder with Hadoop's jars in `lib/`: taken from Maven once per machine, then found without any network. */
export const installHdfs = async (): Promise<string> => {
  const pom = await readFile(file('pom.xml'))
  const version = createHash('sha256').update(pom).digest('hex').slice(0, 12)
  return installOnce(`hdfs-${version}`, async (folder) => {
    process.stderr.write('installing Hadoop for tests (91 MiB from Maven, once per machine) ...\n')
    await copyFile(file('pom.xml'), join(folder, 'pom.xml'))
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=lib']
    await run('mvn', ['-q', '-B', '-ntp', ...goal], { cwd: folder, timeout: 600_000 })
    process.stderr.write('Hadoop for tests is installed\n')
  })
}

/** Logging configuration, to be copied into a configuration folder. */
export const loggingConfiguration = (): string => file('log4j.properties')

/** Throws where there is no Java. */
export const checkJava = async (): Promise<void> => {
  await run('java', ['-version'], { timeout: 20_000 }).catch((cause: unknown) => {
    throw new Error('HDFS for tests needs Java, which is not there', { cause })
  })
}

/** Throws, with the reason, where `startHdfs` cannot work; see `requireOrSkip`. May install Hadoop. */
export const checkHdfs = async (): Promise<void> => {
  await checkJava()
  await installHdfs()
}
