/** ANSI colours by meaning. With colours off every function gives its text back. */
export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly error: (text: string) => string
  readonly warning: (text: string) => string
  readonly good: (text: string) => string
}

const wrap = (on: boolean, code: number, end: number) => (text: string) =>
  on ? `\x1b[${code}m${text}\x1b[${end}m` : text

export const createStyle = (colour: boolean): Style => ({
  bold: wrap(colour, 1, 22),
  dim: wrap(colour, 2, 22),
  error: wrap(colour, 31, 39),
  warning: wrap(colour, 33, 39),
  good: wrap(colour, 32, 39),
})

/** Colours are for a terminal whose owner did not refuse them: https://no-color.org, and FORCE_COLOR as Node reads it. */
export const wantsColour = (isTerminal: boolean, env: NodeJS.ProcessEnv): boolean => {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0') return true
  return isTerminal && env['TERM'] !== 'dumb'
}
