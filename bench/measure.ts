import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Measured {
  readonly wall_s: number
  readonly cpu_s: number
  readonly rss_mb_max: number
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

const SAMPLE_MS = 20

/** Peak resident set and CPU ticks of a process and its threads, as Linux counts them; undefined once it is gone. */
const sample = (pid: number): { rss_kb: number; ticks: number } | undefined => {
  try {
    const rss = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { rss_kb: Number(rss?.[1] ?? 0), ticks: Number(fields[11]) + Number(fields[12]) }
  } catch {
    return undefined
  }
}

/**
 * Runs one command and measures the whole process from outside: wall time, CPU time and peak resident set. CPU and
 * memory come from /proc every 20 ms, so the last 20 ms of CPU are not seen. Linux only.
 */
export const measure = (
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<Measured> =>
  new Promise((resolve, reject) => {
    const began = performance.now()
    const child = spawn(command, [...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    let rss_kb = 0
    let ticks = 0
    const timer = setInterval(() => {
      const now = child.pid === undefined ? undefined : sample(child.pid)
      rss_kb = Math.max(rss_kb, now?.rss_kb ?? 0)
      ticks = Math.max(ticks, now?.ticks ?? 0)
    }, SAMPLE_MS)
    child.on('error', reject)
    child.on('close', (status) => {
      clearInterval(timer)
      resolve({
        wall_s: (performance.now() - began) / 1000,
        cpu_s: ticks / 100,
        rss_mb_max: rss_kb / 1024,
        status,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      })
    })
  })
