import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { crashpointFromEnv } from '../../src/protocol/index.ts'
import { localMachine } from './machines.ts'
import { dieAt, protocolPoints, sleepAt } from './strikes.ts'

describe.each(protocolPoints)('crash point %s', (point) => {
  it('leaves every row exactly once after a worker died there and another went on', () => dieAt(point, localMachine()))

  it('leaves every row exactly once when a worker stands still there, is succeeded, and wakes', () =>
    sleepAt(point, localMachine()))
})

describe('crashpointFromEnv', () => {
  it('does nothing unless told to, and refuses what it does not know', async () => {
    await crashpointFromEnv({})('after-decide')
    for (const text of ['nowhere', 'after-decide:0x', 'after-decide:kill:throw', 'after-decide:1:2'])
      expect(() => crashpointFromEnv({ MILLRACE_CRASHPOINT: text }), text).toThrow(/is not name/)
  })

  it('throws at the nth passage, once', async () => {
    const crashpoint = crashpointFromEnv({ MILLRACE_CRASHPOINT: 'after-decide:2:throw' })
    await crashpoint('after-decide')
    await crashpoint('before-decide')
    await expect(crashpoint('after-decide')).rejects.toThrow('after-decide')
    await crashpoint('after-decide')
  })

  it('kills and pauses its own process', async () => {
    const module = new URL('../../src/protocol/crash-points.ts', import.meta.url).href
    const program = `const { crashpointFromEnv } = await import(${JSON.stringify(module)})
      await crashpointFromEnv(process.env)('after-mark')
      console.log('went on')`
    const run = (action: string) =>
      spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
        env: { ...process.env, MILLRACE_CRASHPOINT: `after-mark:${action}` },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
    const killed = run('kill')
    expect(await once(killed, 'exit')).toEqual([null, 'SIGKILL'])

    const paused = run('pause')
    let output = ''
    paused.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const exited = once(paused, 'exit')
    const goOn = setInterval(() => paused.kill('SIGCONT'), 200)
    expect(await exited).toEqual([0, null])
    clearInterval(goOn)
    expect(output).toBe('went on\n')
  })
})
