import { describe, expect, it } from 'vitest'
import { didYouMean, editDistance, suggest } from '../../src/core/suggest.ts'

describe('suggest', () => {
  const WORDS = ['topic', 'brokers', 'start', 'on_data_loss', 'row', 'trim']
  const CASES: readonly (readonly [string, string | undefined])[] = [
    ['topik', 'topic'],
    ['TOPIC', 'topic'],
    ['otpic', 'topic'],
    ['broker', 'brokers'],
    ['borkesr', 'brokers'],
    ['on_data', 'on_data_loss'],
    ['rwo', 'row'],
    ['r', undefined],
    ['xyz', undefined],
    ['sink', undefined],
    ['', undefined],
  ]
  for (const [word, wanted] of CASES) {
    it(`takes ${word || 'nothing'} for ${wanted ?? 'nothing'}`, () => expect(suggest(word, WORDS)).toBe(wanted))
  }

  it('takes the nearest, and of equals the first', () => {
    expect(suggest('abcdx', ['abcyy', 'abcde'])).toBe('abcde')
    expect(suggest('abcdx', ['abcdy', 'abcdz'])).toBe('abcdy')
    expect(didYouMean('topik', WORDS)).toBe('Did you mean topic?')
  })
})

describe('editDistance', () => {
  it('counts insertions, deletions, substitutions and swaps of neighbours, up to its bound', () => {
    expect(editDistance('abc', 'abc', 2)).toBe(0)
    expect(editDistance('abc', 'acb', 2)).toBe(1)
    expect(editDistance('abc', 'abcd', 2)).toBe(1)
    expect(editDistance('abc', 'xbd', 2)).toBe(2)
    expect(editDistance('kitten', 'sitting', 3)).toBe(3)
    expect(editDistance('kitten', 'sitting', 2)).toBe(3)
    expect(editDistance('a', 'abcdefgh', 2)).toBe(3)
  })
})
