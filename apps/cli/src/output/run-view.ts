import type { ProgressEvent } from '@millrace/engine/runtime/progress.ts'
import { ProgressBar } from './progress-bar.ts'
import { type Format, jsonText, renderRows } from './rows.ts'
import { addBatch, batchLine, createTotals, profileLines, summaryLines, type Totals } from './summary.ts'
import type { Terminal } from './terminal.ts'
import { formatTime } from './units.ts'

/** Shows what running pipelines tell: a bar on a terminal, a line per batch elsewhere, JSON lines for programs. */
export interface RunView {
  report(event: ProgressEvent): void
  /** The closing lines. */
  close(): void
}

export const createRunView = (terminal: Terminal, format: Format | undefined, profile: boolean): RunView => {
  const totals = new Map<string, Totals>()
  const started_ms = performance.now()
  const of = (pipeline: string): Totals => {
    const known = totals.get(pipeline) ?? createTotals(pipeline)
    totals.set(pipeline, known)
    return known
  }
  const track = (event: ProgressEvent): void => {
    const sums = of(event.pipeline)
    if (event.kind === 'started') {
      sums.version = event.version
      sums.backlog = Math.max(sums.backlog, sums.messages + event.backlog)
    }
    if (event.kind === 'batch') addBatch(sums, event)
    if (event.kind === 'stopped') {
      sums.reason = event.reason
      sums.version = Math.max(sums.version, event.version)
    }
  }
  const show = format === 'json' ? jsonView(terminal) : peopleView(terminal, format, totals)
  return {
    report: (event) => {
      track(event)
      show.report(event)
    },
    close: () => {
      show.close()
      const took_ms = performance.now() - started_ms
      for (const sums of totals.values()) {
        if (format === 'json') terminal.data(jsonText({ kind: 'summary', took_ms: Math.round(took_ms), ...sums }))
        else for (const line of summaryLines(sums, took_ms)) terminal.say(line)
        if (profile) for (const line of profileLines(sums)) terminal.say(line)
      }
    },
  }
}

const jsonView = (terminal: Terminal): RunView => ({
  report: (event) => terminal.data(jsonText(event)),
  close: () => {},
})

const peopleView = (terminal: Terminal, format: Format | undefined, totals: ReadonlyMap<string, Totals>): RunView => {
  const { style } = terminal
  const bar = terminal.isInteractive ? new ProgressBar(terminal) : undefined
  const troubles = new Map<string, string>()
  const say = (text: string): void => {
    bar?.clear()
    terminal.say(text)
  }
  const redraw = (note: string): void => {
    const all = [...totals.values()]
    const sum = (of: (one: Totals) => number) => all.reduce((total, one) => total + of(one), 0)
    const done = sum((one) => one.messages)
    bar?.update(
      done,
      Math.max(
        sum((one) => one.backlog),
        done + sum((one) => one.lag),
      ),
      sum((one) => one.rows),
      note,
    )
  }
  return {
    report: (event) => {
      switch (event.kind) {
        case 'started':
          if (bar !== undefined) redraw('')
          return
        case 'batch':
          if (bar !== undefined) redraw(`v${event.version}`)
          else say(batchLine(event, formatTime(event.time_ms)))
          return
        case 'shown': {
          bar?.clear()
          const result = { columns: event.columns.map((name) => ({ name })), rows: event.rows, more: event.truncated }
          terminal.data(renderRows(result, format ?? 'table'))
          return
        }
        case 'trouble': {
          const { pipeline, message } = event
          if (troubles.get(pipeline) === message) return
          if (message === undefined) troubles.delete(pipeline)
          else troubles.set(pipeline, message)
          say(message === undefined ? style.good(`${pipeline}: works again`) : style.warning(`${pipeline}: ${message}`))
          return
        }
        case 'note':
          say(`${event.pipeline}: ${event.message}`)
          return
        case 'stopped':
          return
      }
    },
    close: () => bar?.clear(),
  }
}
