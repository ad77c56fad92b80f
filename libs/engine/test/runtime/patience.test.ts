import { describe, expect, it } from 'vitest'
import type { MillraceError } from '../../src/core/errors/index.ts'
import { Patience } from '../../src/runtime/patience.ts'
import { systemClock } from '../../src/runtime/system.ts'

describe('Patience', () => {
  it('ends when one trouble lasts too long', async () => {
    const patience = new Patience(systemClock, 20, () => {})
    patience.trouble('store', 'the store is down')
    await systemClock.sleep(60)
    expect(patience.signal.aborted).toBe(true)
    expect((patience.signal.reason as MillraceError).code).toBe('ENG_RUN_GAVE_UP')
    expect((patience.signal.reason as MillraceError).message).toContain('the store is down')
  })

  it('a trouble that is over costs nothing, nor does one that a commit proved harmless', async () => {
    const patience = new Patience(systemClock, 20, () => {})
    patience.trouble('store', 'down')
    patience.trouble('store', undefined)
    patience.trouble('feed', 'a note')
    patience.calm()
    await systemClock.sleep(60)
    expect(patience.signal.aborted).toBe(false)
  })

  it('repeating the message does not start the clock again', async () => {
    const patience = new Patience(systemClock, 60, () => {})
    for (let i = 0; i < 6; i++) {
      patience.trouble('feed', `try ${i}`)
      await systemClock.sleep(20)
    }
    expect(patience.signal.aborted).toBe(true)
  })

  it('says that it works again only when every part does', () => {
    const said: (string | undefined)[] = []
    const patience = new Patience(systemClock, undefined, (message) => said.push(message))
    patience.trouble('feed', 'a')
    patience.trouble('store', 'b')
    patience.trouble('feed', undefined)
    expect(said).toEqual(['a', 'b'])
    patience.trouble('store', undefined)
    expect(said).toEqual(['a', 'b', undefined])
  })
})
