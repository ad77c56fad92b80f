import { LIMITS, type LimitName, type Limits } from '../core/limits.ts'
import type { SetNode } from '../sql/ast.ts'
import { SETTING_OPTIONS } from '../sql/options.ts'
import { didYouMean } from '../core/suggest.ts'
import { parseSize_bytes } from '../sql/sizes.ts'
import type { Problems } from './problems.ts'
import type { Settings } from './program.ts'
import { isStorageSetting, storageSettings } from './storage-settings.ts'

/** Settings that are spelled otherwise than the limit they set. */
const ALIASES: Readonly<Record<string, LimitName>> = { memory_limit: 'memory_limit_bytes' }

/** Below these a pipeline could not move. */
const LEAST: Partial<Readonly<Record<LimitName, number>>> = {
  memory_limit_bytes: 64 * 1024 * 1024,
  batch_bytes_max: 1024,
}

const limitOf = (node: SetNode, problems: Problems): readonly [LimitName, number] | undefined => {
  const name = node.name.name.toLowerCase()
  const limit = ALIASES[name] ?? (Object.hasOwn(LIMITS, name) ? (name as LimitName) : undefined)
  if (limit === undefined) return undefined
  const { text, span } = node.value
  const amount = limit.includes('bytes') ? parseSize_bytes(text) : Number(text)
  const least = LEAST[limit] ?? 1
  if (amount === undefined || !Number.isSafeInteger(amount) || amount < least) {
    problems.error('ENG_SQL_SETTING', span, `${name} must be a whole number of at least ${least}`)
    return undefined
  }
  return [limit, amount]
}

const checkWord = (node: SetNode, problems: Problems): void => {
  const name = node.name.name.toLowerCase()
  const { text, span } = node.value
  if (name === 'time_zone') {
    if (text.toUpperCase() !== 'UTC')
      problems.error('ENG_SQL_SETTING', span, 'the session’s time zone is UTC and stays so')
  } else if (isStorageSetting(name)) {
    return
  } else if (SETTING_OPTIONS[name] === undefined) {
    problems.error(
      'ENG_SQL_SETTING',
      node.name.span,
      `there is no setting ${name}`,
      didYouMean(name, Object.keys(SETTING_OPTIONS)),
    )
  } else {
    problems.error('ENG_SQL_UNSUPPORTED', node.name.span, `the setting ${name} is not supported yet`)
  }
}

/** The settings of a file: defaults, then its SETs, then what the command line overrides. */
export const bindSettings = (nodes: readonly SetNode[], overrides: Partial<Limits>, problems: Problems): Settings => {
  const limits: { [K in LimitName]: number } = { ...LIMITS }
  for (const node of nodes) {
    const before = problems.errorCount
    const limit = limitOf(node, problems)
    if (limit !== undefined) limits[limit[0]] = limit[1]
    else if (problems.errorCount === before) checkWord(node, problems)
  }
  return {
    limits: { ...limits, ...overrides },
    storage: storageSettings(nodes, problems),
    unboundedState: 'refuse',
    timeZone: 'UTC',
  }
}
