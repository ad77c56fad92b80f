import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { installOnce } from '../cache/cache-folder.ts'

const run = promisify(execFile)
const file = (name: string): string => fileURLToPath(new URL(`../../services/kafka/${name}`, import.meta.url))

/** The folder with Kafka's jars in `lib/`: taken from Maven once per machine, then found without any network. */
export const installKafka = async (): Promise<string> => {
  const pom = await readFile(file('pom.xml'))
  const version = createHash('sha256').update(pom).digest('hex').slice(0, 12)
  return installOnce(`kafka-${version}`, async (folder) => {
    await copyFile(file('pom.xml'), join(folder, 'pom.xml'))
    await copyFile(file('log4j2.yaml'), join(folder, 'log4j2.yaml'))
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=lib']
    await run('mvn', ['-q', '-B', '-ntp', ...goal], { cwd: folder, timeout: 600_000 })
  })
}

/** Throws where there is no Java. */
export const checkJava = async (): Promise<void> => {
  await run('java', ['-version'], { timeout: 20_000 }).catch(() => {
    throw new Error('neither a container engine nor Java is there')
  })
}
