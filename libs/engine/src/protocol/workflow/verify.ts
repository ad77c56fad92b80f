import type { StoragePath } from '@millrace/storage'
import { MillraceError } from '../../core/errors/index.ts'
import type { Positions } from '../../core/positions.ts'
import type { Link } from '../decide/chain.ts'
import { commitPath, dataFileOwner, deadLettersRoot, publishedPath, stateFilesRoot } from '../layout.ts'
import type { VerifyOptions, VerifyProblem, VerifyReport } from '../types.ts'
import { isMarked, newestVersion, readChain } from './commits.ts'
import type { Context } from './context.ts'
import { mapPool } from './pool.ts'
import { type Instance, type PlacedFile, readInstance, type Side } from './state.ts'
import { judgeStaged } from './vacuum.ts'
import { verifyFile } from './verify-file.ts'

interface Walk {
  readonly context: Context
  readonly instance: Instance
  readonly options: VerifyOptions
  readonly problems: VerifyProblem[]
  /** Every target that a commit names, those that later commits removed included. */
  readonly named: Set<string>
  readonly removed: Set<string>
  readonly totals: {
    commits: number
    files: number
    rows: number
    bytes: number
    deadLetterFiles: number
    deadLetterRows: number
    stateFiles: number
  }
  end: Positions | undefined
  head: number
}

const storesOf = ({ context, problems }: Walk, { record }: Link): readonly PlacedFile[] => {
  const { version } = record
  const inTables = record.files.flatMap((file) => {
    const target = context.targets.get(file.of)
    if (target !== undefined) return [{ store: target.store, file }]
    const message = `Commit ${version} writes to table ${file.of}, which the file does not define: not checked`
    problems.push({ kind: 'unknown_table', version, path: file.target, message })
    return []
  })
  return [...inTables, ...[...record.deadLetters, ...record.state].map((file) => ({ store: context.state, file }))]
}

const note = (walk: Walk, { record }: Link): void => {
  for (const file of [...record.files, ...record.deadLetters, ...record.state]) walk.named.add(file.target)
  const sum = (files: readonly { readonly rows: number }[]): number => files.reduce((rows, file) => rows + file.rows, 0)
  walk.totals.commits += 1
  walk.totals.files += record.files.length
  walk.totals.rows += sum(record.files)
  walk.totals.bytes += record.files.reduce((bytes, file) => bytes + file.bytes, 0)
  walk.totals.deadLetterFiles += record.deadLetters.length
  walk.totals.deadLetterRows += sum(record.deadLetters)
  walk.totals.stateFiles += record.state.length
  walk.head = record.version
  walk.end = record.end
}

/** The head may be on its way; any version below it must be published. */
const verifyPublished = async (walk: Walk, version: number): Promise<boolean> => {
  if (await isMarked(walk.context, version)) return true
  const message = `Commit ${version} is decided but not published: the next run of the pipeline finishes it`
  const path = publishedPath(walk.context.stateRoot, version)
  walk.problems.push({ kind: 'unpublished', version, path, message })
  return false
}

const verifyCommit = async (walk: Walk, link: Link): Promise<void> => {
  const { context, options, removed } = walk
  const { version, removes } = link.record
  for (const path of removes) removed.add(path)
  note(walk, link)
  if (!(await verifyPublished(walk, version))) return
  const found = await mapPool(storesOf(walk, link), context.concurrency, ({ store, file }) =>
    verifyFile(context, store, file, version, options),
  )
  walk.problems.push(...found.filter((problem) => problem !== undefined))
  options.onProgress?.({ files: walk.named.size, commits: version })
}

const verifyCommits = async (walk: Walk, from: number, to: number): Promise<void> => {
  try {
    for await (const link of readChain(walk.context, walk.instance, from, to)) await verifyCommit(walk, link)
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    const chain = error.code === 'ENG_PROTOCOL_CHAIN_BROKEN'
    if (!chain && error.code !== 'ENG_PROTOCOL_RECORD_INVALID') throw error
    walk.problems.push({ kind: chain ? 'chain' : 'record', path: error.place.path ?? '', message: error.message })
  }
}

const listPaths = (context: Context, { store, root }: Side): Promise<readonly StoragePath[]> =>
  context.retry(`list ${root}`, async () => {
    const paths: StoragePath[] = []
    for await (const { path } of store.list(root, undefined, context.signal)) paths.push(path)
    return paths
  })

/** Files that look like ours and that no commit names yet, and Parquet files of others. */
const findStrangers = async ({ context, named }: Walk): Promise<{ ours: StoragePath[]; foreign: StoragePath[] }> => {
  const ours: StoragePath[] = []
  const foreign: StoragePath[] = []
  for (const { store, root } of context.targets.values()) {
    for (const path of await listPaths(context, { store, root })) {
      if (named.has(path)) continue
      if (dataFileOwner(path, context.pipeline) !== undefined) ours.push(path)
      else if (path.endsWith('.parquet') && !path.includes('/_delta_log/')) foreign.push(path)
    }
  }
  for (const root of [deadLettersRoot(context.stateRoot), stateFilesRoot(context.stateRoot)]) {
    for (const path of await listPaths(context, { store: context.state, root })) if (!named.has(path)) ours.push(path)
  }
  return { ours, foreign }
}

const countStaged = async ({ context, instance }: Walk): Promise<VerifyReport['staged']> => {
  const judged = await judgeStaged(context, instance)
  const orphans = judged.filter(({ decision }) => decision.kind === 'discard')
  return {
    orphans: orphans.length,
    pending: judged.length - orphans.length,
    bytes: orphans.reduce((bytes, { object }) => bytes + object.bytes, 0),
  }
}

const reportOf = (
  walk: Walk,
  problems: readonly VerifyProblem[],
  staged: VerifyReport['staged'],
  foreign: readonly string[],
): VerifyReport => ({
  ok: problems.length === 0,
  ...walk.totals,
  ...(walk.head === 0 ? {} : { head: walk.head }),
  ...(walk.end === undefined ? {} : { end: walk.end }),
  staged,
  foreign,
  problems,
})

/**
 * Checks that the stores hold what the commit log says, and nothing else: chain unbroken, every published file there
 * with its bytes, nothing under a table's root that no commit names. Reads only. May run beside a worker: what is
 * committed while it looks is taken into account.
 */
export const verifyLog = async (context: Context, options: VerifyOptions = {}): Promise<VerifyReport> => {
  const none = { orphans: 0, pending: 0, bytes: 0 }
  const instance = await readInstance(context)
  const walk: Walk = {
    context,
    instance: instance ?? { id: '', sha256: '' },
    options,
    problems: [],
    named: new Set(),
    removed: new Set(),
    totals: { commits: 0, files: 0, rows: 0, bytes: 0, deadLetterFiles: 0, deadLetterRows: 0, stateFiles: 0 },
    end: undefined,
    head: 0,
  }
  if (instance !== undefined) {
    const newest = await newestOrProblem(walk)
    if (newest > 0) await verifyCommits(walk, 1, newest)
  }
  let strangers = await findStrangers(walk)
  if (strangers.ours.length > 0 && instance !== undefined && isReadable(walk)) {
    const newest = await newestOrProblem(walk)
    if (newest > walk.head) await verifyCommits(walk, walk.head + 1, newest)
    strangers = { ...strangers, ours: strangers.ours.filter((path) => !walk.named.has(path)) }
  }
  if (isReadable(walk)) {
    for (const path of strangers.ours)
      walk.problems.push({ kind: 'uncommitted', path, message: `${path} is there, and no commit names it` })
  } else if (strangers.ours.length > 0) walk.problems.push(unjudged(walk, strangers.ours.length))
  await forgiveFinished(walk)
  // A later commit may have taken the file away: it is missing by right.
  const problems = walk.problems.filter(({ kind, path }) => kind !== 'missing' || !walk.removed.has(path))
  return reportOf(walk, problems, instance === undefined ? none : await countStaged(walk), strangers.foreign)
}

/** False once a commit could not be read: what it and those after it name is not known. */
const isReadable = ({ problems }: Walk): boolean => problems.every(({ kind }) => kind !== 'chain' && kind !== 'record')

const unjudged = ({ context, head }: Walk, files: number): VerifyProblem => {
  const after = head === 0 ? 'The commits' : `The commits after version ${head}`
  const these = files === 1 ? '1 file is' : `${files} files are`
  const message = `${after} cannot be read: ${these} not checked, as it is not known whether a commit names them`
  return { kind: 'chain', path: commitPath(context.stateRoot, head + 1), message }
}

/** The newest version; a gap is a problem of the report, and what lies below it is still checked. */
const newestOrProblem = async (walk: Walk): Promise<number> => {
  try {
    return await newestVersion(walk.context)
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'ENG_PROTOCOL_CHAIN_BROKEN') throw error
    walk.problems.push({ kind: 'chain', path: error.place.path ?? '', message: error.message })
    const match = /(\d+)\.json$/.exec(error.place.path ?? '')
    return Number(match?.[1] ?? 1) - 1
  }
}

/** How long a head that is being published by a running worker is waited for, in steps of the delay. */
const publication = { tries: 30, delay_ms: 100 }

const isMarkedSoon = async ({ context, head }: Walk, version: number): Promise<boolean> => {
  for (let tries = version === head ? publication.tries : 1; tries > 0; tries--) {
    if (await isMarked(context, version)) return true
    if (tries > 1) await context.clock.sleep(publication.delay_ms, context.signal)
  }
  return false
}

/** A head that a running worker has published in the meantime is looked at again, now as any other. */
const forgiveFinished = async (walk: Walk): Promise<void> => {
  for (const problem of walk.problems.filter(({ kind }) => kind === 'unpublished')) {
    const { version } = problem
    if (version === undefined || !(await isMarkedSoon(walk, version))) continue
    walk.problems.splice(walk.problems.indexOf(problem), 1)
    for await (const link of readChain(walk.context, walk.instance, version, version)) {
      for (const { store, file } of storesOf(walk, link)) {
        const found = await verifyFile(walk.context, store, file, version, walk.options)
        if (found !== undefined) walk.problems.push(found)
      }
    }
  }
}
