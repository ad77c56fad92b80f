import { isBad, keyOf, TOTAL, type World } from './world.ts'

/** What the oracle reads of a commit record. It parses by itself: it shares no code with what it judges. */
interface SeenCommit {
  readonly version: number
  readonly start: { readonly t?: { readonly 0: string } }
  readonly end: { readonly t: { readonly 0: string } }
  readonly files: readonly { readonly target: string }[]
  readonly deadLetters: readonly { readonly target: string }[]
}

const TABLE = 'lake/books/'
const DEAD = 'lake/_millrace/p/dead_letters/'
const COMMITS = 'lake/_millrace/p/commits/'

const rowsIn = (world: World, prefix: string): readonly { readonly path: string; readonly row: number }[] =>
  [...world.store.objects]
    .filter(([path]) => path.startsWith(prefix))
    .flatMap(([path, content]) => world.parsed<number[]>(content).map((row) => ({ path, row })))

const checkOnce = (world: World, what: string, prefix: string): ReadonlyMap<number, string> => {
  const seen = new Map<number, string>()
  for (const { path, row } of rowsIn(world, prefix)) {
    const other = seen.get(row)
    if (other !== undefined) world.violate(`duplicate ${what} ${row} in ${other} and ${path}`)
    seen.set(row, path)
  }
  return seen
}

const commitsOf = (world: World): readonly SeenCommit[] =>
  [...world.store.objects]
    .filter(([path]) => path.startsWith(COMMITS))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, content]) => world.parsed<SeenCommit>(content))

/** After every change: what a glob reader sees holds no row twice and none that is not committed; the chain holds. */
export const checkStep = (world: World, logged: boolean): void => {
  const rows = checkOnce(world, 'row', TABLE)
  const dead = checkOnce(world, 'dead letter', DEAD)
  if (!logged) return
  const named = new Set<string>()
  let at = 0
  for (const [index, commit] of commitsOf(world).entries()) {
    const start = Number(commit.start.t?.[0] ?? '0')
    if (commit.version !== index + 1) world.violate(`commit ${commit.version} stands in place ${index + 1}`)
    if (start !== at) world.violate(`chain broken: commit ${commit.version} starts at ${start}, not at ${at}`)
    at = Number(commit.end.t[0])
    for (const { target } of [...commit.files, ...commit.deadLetters]) named.add(target)
  }
  for (const path of [...rows.values(), ...dead.values()])
    if (!named.has(path)) world.violate(`uncommitted file visible: ${path}`)
}

/** When all is done and quiet: every valid key is there, and every bad message is a dead letter. */
export const checkEnd = (world: World, logged: boolean): void => {
  const rows = checkOnce(world, 'row', TABLE)
  const dead = checkOnce(world, 'dead letter', DEAD)
  for (let offset = 0; offset < TOTAL; offset++) {
    if (isBad(offset)) {
      if (logged && !dead.has(offset)) world.violate(`dead letter ${offset} missing at the end`)
    } else if (!rows.has(keyOf(offset))) world.violate(`row ${keyOf(offset)} missing at the end`)
  }
}
