import { CommanderError } from 'commander'
import { createTerminal } from './output/terminal.ts'
import { createProgram } from './program.ts'

/**
 * Runs one command line and ends the process with its exit status: 0 ok, 1 failed (user, data, environment), 2 a bug,
 * 3 fenced by another worker.
 */
export const main = async (args: readonly string[]): Promise<void> => {
  const terminal = createTerminal()
  // A reader that closes the pipe (head, less) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const fail = async (thrown: unknown): Promise<number> => {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 1
    const { reportError } = await import('./output/report-error.ts')
    return reportError(terminal, thrown)
  }
  process.on('uncaughtException', (error) => void fail(error).then(() => process.exit(2)))
  let status = 0
  try {
    await createProgram(terminal, (code) => {
      status = code
    }).parseAsync([...args], { from: 'user' })
  } catch (thrown) {
    status = await fail(thrown)
  }
  process.exit(status)
}
