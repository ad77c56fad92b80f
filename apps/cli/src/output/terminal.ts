import { createRedactor } from './redact.ts'
import { createStyle, type Style, wantsColour } from './style.ts'

/**
 * Where a command writes: data to stdout for programs, all else to stderr for people. Every text passes the redactor
 * once its secrets are known, so that no path of the code can print one.
 */
export interface Terminal {
  readonly style: Style
  readonly isInteractive: boolean
  readonly columns: number
  data(text: string): void
  say(text: string): void
  /** Text as it is, without a line end: for a progress bar. */
  draw(text: string): void
  hide(secrets: readonly string[]): void
}

export const createTerminal = (): Terminal => {
  const known: string[] = []
  let redact = createRedactor(known)
  return {
    style: createStyle(wantsColour(process.stderr.isTTY === true, process.env)),
    isInteractive: process.stderr.isTTY === true && process.env['CI'] === undefined,
    columns: process.stderr.columns || 100,
    data: (text) => void process.stdout.write(`${redact(text)}\n`),
    say: (text) => void process.stderr.write(`${redact(text)}\n`),
    draw: (text) => void process.stderr.write(redact(text)),
    hide: (secrets) => {
      known.push(...secrets)
      redact = createRedactor(known)
    },
  }
}
