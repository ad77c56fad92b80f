import { type NewestSearch, newestAnswer, newestStep } from '../decide/newest.ts'

/** The greatest n for which `exists`, given that there are no gaps; 0: none. */
export const findNewest = async (exists: (n: number) => Promise<boolean>, from = 0): Promise<number> => {
  let search: NewestSearch = { low: from }
  for (;;) {
    const step = newestStep(search)
    if (step.kind === 'found') return step.n
    search = newestAnswer(search, step.n, await exists(step.n))
  }
}
