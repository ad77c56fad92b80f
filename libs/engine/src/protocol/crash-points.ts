import { MillraceError } from '../core/errors/index.ts'

/**
 * Every place where a worker can be made to die, throw or stand still, in the order of a run. The protocol promises
 * the same result whichever is struck. `before-ack`, `after-ack`, `before-execute` and `after-execute` belong to the
 * batch loop; the rest are reached inside this folder.
 */
export const CRASH_POINTS = [
  'before-instance',
  'after-instance',
  'after-owner',
  'after-epoch',
  'before-recover',
  'before-recover-publish',
  'after-recover-publish',
  'before-execute',
  'after-execute',
  'before-stage',
  'after-first-stage',
  'after-stage',
  'before-decide',
  'after-decide',
  'before-publish',
  'mid-publish',
  'after-publish-before-mark',
  'after-mark',
  'before-ack',
  'after-ack',
  'before-vacuum',
  'before-vacuum-discard',
  'mid-vacuum',
  'after-vacuum',
] as const

export type CrashPoint = (typeof CRASH_POINTS)[number]
export type Crashpoint = (name: CrashPoint) => Promise<void>

export const noCrashpoint: Crashpoint = () => Promise.resolve()

/** Environment variable read by {@link crashpointFromEnv}. */
export const CRASHPOINT_VARIABLE = 'MILLRACE_CRASHPOINT'

const actions = ['kill', 'throw', 'pause'] as const
type Action = (typeof actions)[number]

/**
 * For tests: `MILLRACE_CRASHPOINT=name[:nth][:kill|throw|pause]` strikes the nth passage (default 1) of a point; kill
 * is SIGKILL and pause SIGSTOP to this process, throw an ENG_BUG. Unset: a no-op. Anything else is an ENG_BUG at once.
 */
export const crashpointFromEnv = (env: Readonly<Record<string, string | undefined>>): Crashpoint => {
  const text = env[CRASHPOINT_VARIABLE]
  if (text === undefined || text === '') return noCrashpoint
  const [name, ...rest] = text.split(':')
  const action = (rest.find((part) => actions.includes(part as Action)) ?? 'kill') as Action
  const nthText = rest.find((part) => /^\d+$/.test(part)) ?? '1'
  const known = CRASH_POINTS.includes(name as CrashPoint) && rest.every((part) => part === action || part === nthText)
  if (!known) throw new MillraceError('ENG_BUG', `${CRASHPOINT_VARIABLE}=${text} is not name[:nth][:kill|throw|pause]`)
  let passages = 0
  return async (at) => {
    if (at !== name || ++passages !== Number(nthText)) return
    if (action === 'throw') throw new MillraceError('ENG_BUG', `Crash point ${name} was struck`)
    process.kill(process.pid, action === 'kill' ? 'SIGKILL' : 'SIGSTOP')
    // The signal is delivered asynchronously: a few turns of the event loop pass before it takes effect.
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
