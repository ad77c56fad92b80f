// npm run lock: after `npm install` from a registry that does not carry a tool's binaries for other platforms, the lock
// file lacks them and `npm ci` refuses it everywhere. Their names and versions are known from the package that lists
// them, so they are filled in here, without a checksum: npm adds that where the package can be had.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const SYSTEMS = ['android', 'darwin', 'win32', 'freebsd', 'netbsd', 'openbsd', 'sunos', 'aix', 'openharmony', 'linux']
const PROCESSORS = ['arm64', 'ia32', 'x64', 'riscv64', 'ppc64', 's390x', 'loong64', 'mips64el', 'arm']

const path = fileURLToPath(new URL('../package-lock.json', import.meta.url))
const lock = JSON.parse(readFileSync(path, 'utf8'))
const added = []
for (const [at, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`
    if (lock.packages[key] !== undefined || lock.packages[`${at}/${key}`] !== undefined) continue
    const os = SYSTEMS.find((system) => name.includes(system))
    const cpu = PROCESSORS.find((processor) => name.includes(processor))
    if (os === undefined || !/^\d+\.\d+\.\d+/.test(version)) continue
    lock.packages[key] = {
      version,
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      os: [os],
      ...(cpu === undefined ? {} : { cpu: [cpu] }),
      ...(name.endsWith('-musl') ? { libc: ['musl'] } : {}),
    }
    added.push(name)
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.log(added.length === 0 ? 'the lock is complete' : `added ${added.join(', ')}`)
