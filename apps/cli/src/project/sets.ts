import { MillraceError } from '@millrace/engine'

/** `a=b` pairs of `--set` as an object. Throws ENG_CLI_USAGE. */
export const parseSets = (pairs: readonly string[] = []): Readonly<Record<string, string>> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      // The pair itself is not shown: it may be a password whose name was forgotten.
      if (at < 1) throw new MillraceError('ENG_CLI_USAGE', '--set takes name=value')
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
