/**
 * The candidate that the user most likely meant, or undefined when none is near: equal but for case, or a prefix of at
 * least three letters, or at most two edits away (one for words of up to four letters). The nearest wins; among equals,
 * the first in the order of `candidates`.
 */
export const suggest = (word: string, candidates: Iterable<string>): string | undefined => {
  const given = word.toLowerCase()
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const distance = nearness(given, candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** The sentence that goes into a hint, or undefined where there is nothing to suggest. */
export const didYouMean = (word: string, candidates: Iterable<string>): string | undefined => {
  const candidate = suggest(word, candidates)
  return candidate === undefined ? undefined : `Did you mean ${candidate}?`
}

const nearness = (given: string, candidate: string): number => {
  if (given === candidate) return 0
  const edits_max = Math.min(given.length, candidate.length) <= 4 ? 1 : 2
  const distance = editDistance(given, candidate, edits_max)
  if (distance <= edits_max) return distance
  const isPrefix = given.length >= 3 && candidate.startsWith(given)
  return isPrefix ? edits_max + 1 : Number.POSITIVE_INFINITY
}

/**
 * Damerau–Levenshtein distance in its optimal string alignment form: insertions, deletions, substitutions and swaps of
 * neighbours. Answers `edits_max + 1` for anything farther, without the cost of knowing how far.
 */
export const editDistance = (a: string, b: string, edits_max: number): number => {
  if (Math.abs(a.length - b.length) > edits_max) return edits_max + 1
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    let rowBest = row
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1
      let distance = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + cost)
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) distance = Math.min(distance, beforePrevious[column - 2]! + 1)
      current.push(distance)
      rowBest = Math.min(rowBest, distance)
    }
    if (rowBest > edits_max) return edits_max + 1
    beforePrevious = previous
    previous = current
  }
  return Math.min(previous[b.length]!, edits_max + 1)
}
