/** Book messages like those of `millrace produce --generator books`: 1 to 5 books, about 920 bytes. Same seed, same bytes. */
export const makeBooks = (count: number, seed: number): { readonly bytes: Uint8Array; readonly ends: Uint32Array } => {
  let state = seed >>> 0
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const hex = (digits: number): string => Array.from({ length: digits }, () => random(16).toString(16)).join('')
  const words = [
    'The',
    'silent',
    'harbour',
    'of',
    'lost',
    'letters',
    'Winter',
    'garden',
    'Étude',
    'machine',
    'and',
    'river',
  ]
  const pick = (from: readonly string[]): string => from[random(from.length)]!
  const texts: string[] = []
  for (let i = 0; i < count; i++) {
    let text = '<library>\n'
    for (let book = random(5); book >= 0; book--) {
      const title = Array.from({ length: 2 + random(4) }, () => pick(words)).join(random(20) === 0 ? ' &amp; ' : ' ')
      text +=
        `  <book>\n    <record_id>${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}</record_id>\n` +
        `    <title>${title}</title>\n    <author>\n      <name>${pick(words)} ${pick(words)}sson</name>\n` +
        `      <country>${pick(['Norway', 'Germany', 'Brazil', 'Japan'])}</country>\n    </author>\n` +
        `    <publication_year>${1900 + random(120)}</publication_year>\n` +
        `    <added>2026-05-${10 + random(20)}T${10 + random(14)}:${10 + random(50)}:00Z</added>\n  </book>\n`
    }
    texts.push(`${text}</library>`)
  }
  const encoder = new TextEncoder()
  const parts = texts.map((text) => encoder.encode(text))
  const bytes = new Uint8Array(new SharedArrayBuffer(parts.reduce((sum, part) => sum + part.length, 0)))
  const ends = new Uint32Array(count)
  let at = 0
  for (const [i, part] of parts.entries()) {
    bytes.set(part, at)
    ends[i] = at += part.length
  }
  return { bytes, ends }
}
