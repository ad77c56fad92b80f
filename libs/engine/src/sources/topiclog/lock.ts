import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MillraceError } from '../../core/errors/index.ts'

/** Locks of this process: its own number in a lock file means a predecessor with the same number unless it is here. */
const held = new Set<string>()

/**
 * Makes this process the topic's one writer. The lock of a process that is gone is taken over.
 * Throws ENG_TOPICLOG_LOCKED while another one is alive. Returns what lets go of it.
 */
export const lockTopic = (folder: string, topic: string): (() => void) => {
  const file = join(folder, 'writer.lock')
  const mine = `${file}.${process.pid}`
  for (let attempt = 0; attempt < 3; attempt++) {
    if (held.has(file)) throw locked(topic, process.pid)
    // Linked into place, so that a lock file never exists without its process number.
    writeFileSync(mine, `${process.pid}\n`)
    try {
      linkSync(mine, file)
      held.add(file)
      return () => {
        held.delete(file)
        rmSync(file, { force: true })
      }
    } catch (cause) {
      if ((cause as { code?: unknown }).code !== 'EEXIST') throw cause
    } finally {
      rmSync(mine, { force: true })
    }
    const owner = ownerOf(file)
    if (owner !== undefined && owner !== process.pid && isAlive(owner)) throw locked(topic, owner)
    rmSync(file, { force: true })
  }
  throw locked(topic, ownerOf(file) ?? 0)
}

const ownerOf = (file: string): number | undefined => {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10)
  } catch {
    return undefined
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as { code?: unknown }).code === 'EPERM'
  }
}

const locked = (topic: string, pid: number): MillraceError =>
  new MillraceError('ENG_TOPICLOG_LOCKED', `process ${pid} is writing to the embedded topic ${topic}`, { topic })
