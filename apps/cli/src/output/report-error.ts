import { asMillraceError } from '@millrace/engine'
import type { Diagnostic } from '@millrace/engine/core/diagnostics.ts'
import { renderDiagnostic } from '@millrace/engine/core/render-diagnostic.ts'
import { storageFault } from '../project/storage-fault.ts'
import type { Terminal } from './terminal.ts'
import { counted } from './units.ts'

type Texts = ReadonlyMap<string, string>

const isSqlFileError = (
  thrown: unknown,
): thrown is { readonly diagnostics: readonly Diagnostic[]; readonly texts: Texts; readonly hasMore: boolean } =>
  thrown instanceof Error && 'diagnostics' in thrown && 'texts' in thrown

const sayDiagnostics = (terminal: Terminal, diagnostics: readonly Diagnostic[], texts: Texts): void => {
  const color = terminal.style.bold('') !== ''
  for (const diagnostic of diagnostics) {
    const source = texts.get(diagnostic.span?.file ?? '') ?? [...texts.values()][0] ?? ''
    terminal.say(`${renderDiagnostic(diagnostic, source, { color, columns_max: terminal.columns })}\n`)
  }
}

/** Shows what is no error but should be known. */
export const renderWarnings = (terminal: Terminal, diagnostics: readonly Diagnostic[], texts: Texts): void =>
  sayDiagnostics(
    terminal,
    diagnostics.filter((one) => one.severity === 'warning'),
    texts,
  )

/** Shows an error as people read it (code, sentence, place, hint; a stack for bugs only) and gives the exit status. */
export const reportError = (terminal: Terminal, thrown: unknown): number => {
  if (isSqlFileError(thrown)) {
    sayDiagnostics(terminal, thrown.diagnostics, thrown.texts)
    const errors = thrown.diagnostics.filter((one) => one.severity === 'error').length
    const count = counted(errors, 'error')
    terminal.say(terminal.style.error(thrown.hasMore ? `${count} shown, there are more` : count))
    return 1
  }
  const error = storageFault(thrown) ?? asMillraceError(thrown)
  const { topic, partition, offset, path } = error.place
  const where = [
    topic === undefined ? '' : `topic ${topic}`,
    partition === undefined ? '' : `partition ${partition}`,
    offset === undefined ? '' : `offset ${offset}`,
    path === undefined || error.message.includes(path) ? '' : path,
  ].filter((part) => part !== '')
  terminal.say(`${terminal.style.error(error.code)}: ${error.message}`)
  if (where.length > 0) terminal.say(`  at ${where.join(', ')}`)
  if (error.hint) terminal.say(`  ${terminal.style.dim('hint:')} ${error.hint}`)
  if (error.spec.fault === 'bug' && error.stack !== undefined) terminal.say(terminal.style.dim(error.stack))
  return error.exitCode
}
