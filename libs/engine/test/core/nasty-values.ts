/** Values that have broken paths elsewhere, then random mixtures of their characters. NULL is among them. */
const KNOWN: readonly (string | null)[] = [
  null,
  '',
  ' ',
  '.',
  '..',
  '../x',
  '../../etc/passwd',
  '/',
  '//',
  '/etc/passwd',
  '\\',
  '..\\x',
  'C:\\x',
  'CON',
  'nul',
  'NULL',
  'Null',
  '__HIVE_DEFAULT_PARTITION__',
  '__hive_default_partition__',
  '%',
  '%2e',
  '%2E%2E',
  '%00',
  '%252e',
  '=',
  'a=b',
  'a/b=c',
  '~',
  '~empty',
  'x~0123',
  '\n',
  '\r\n',
  '\t',
  '\x01',
  '\x7f',
  '"',
  "'",
  '`',
  '$(x)',
  '${x}',
  '*',
  '?',
  '{a,b}',
  '[a]',
  '#',
  '&',
  '+',
  'a+b',
  'a b',
  ' a',
  'a ',
  'é',
  'e\u0301',
  'Ünïcödé',
  '日本語',
  '\u202eabc',
  '\u200b',
  '😀',
  '\ufeff',
  '\u2028',
  'x'.repeat(200),
  'x'.repeat(201),
  'x'.repeat(4096),
  `${'x'.repeat(4095)}y`,
  'é'.repeat(2048),
  '/'.repeat(300),
  'true',
  '0',
  '-0',
  '2024-01-01',
]

/** Small generator of random numbers (mulberry32), so that a seed gives the same values everywhere. */
const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const nastyValues = (seed: number, count: number): readonly (string | null)[] => {
  const random = randomOf(seed)
  const alphabet = [...'abAB01./\\%=~_- \n\t"\'{}[]*?:<>|#^é日😀\u202e\u0301']
  const values = new Set<string | null>(KNOWN)
  while (values.size < count) {
    const length = 1 + Math.floor(random() ** 3 * 300)
    values.add(Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]!).join(''))
  }
  return [...values]
}
