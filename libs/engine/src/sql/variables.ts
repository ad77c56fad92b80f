/** The value of a variable, or undefined where nothing sets it. */
export type VariableLookup = (name: string) => string | undefined

/** What `${…}` is filled from. The caller decides who wins among --set, the environment and millrace.json. */
export interface Variables {
  readonly lookup: VariableLookup
  /** Names for "did you mean". */
  readonly names?: readonly string[]
  /** Secret by declaration; names that look secret (`isSecretName`) are secret without being listed. */
  readonly secretNames?: ReadonlySet<string>
}
