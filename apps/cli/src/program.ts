import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { createStyle } from './output/style.ts'
import type { Terminal } from './output/terminal.ts'

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

const packageVersion = (): string =>
  (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version

/** Every command that works on a file takes these. */
const onFile = (command: Command): Command =>
  command
    .option('--set <name=value>', 'fill ${name} in the file; may be repeated', collect)
    .option('--state <uri>', 'where the pipeline keeps its commit log (default: beside the table)')

const withFormat = (command: Command): Command =>
  command.option('--format <format>', 'table, json, csv or markdown', process.stdout.isTTY ? 'table' : undefined)

type Finish = (status: number) => void

/** The command tree. A command's code is loaded when it is used; `finish` gets its exit status. */
export const createProgram = (terminal: Terminal, finish: Finish): Command => {
  const program = new Command('millrace')
    .description('Streaming SQL over Kafka that leaves exactly-once Parquet tables.')
    .version(packageVersion(), '-V, --version')
    .showSuggestionAfterError()
    .showHelpAfterError('(millrace --help lists the commands)')
    .exitOverride()
    .configureOutput({
      writeErr: (text) => terminal.draw(text),
      outputError: (text, write) => write(`${terminal.style.error('ENG_CLI_USAGE')}: ${text.replace(/^error: /, '')}`),
      getErrHasColors: () => createStyle(true) === terminal.style,
    })
  addRunCommands(program, terminal, finish)
  addLookCommands(program, terminal, finish)
  addToolCommands(program, terminal, finish)
  return program
}

const addRunCommands = (program: Command, terminal: Terminal, finish: Finish): void => {
  program
    .command('init')
    .argument('<name>', 'folder to make')
    .description('make a project folder that runs')
    .action(async (name: string) => finish(await (await import('./commands/init.ts')).init(terminal, name)))

  withFormat(onFile(program.command('run').argument('[file]', 'a .sql file, or a folder of them')))
    .description('run the pipelines of a file until they are stopped (Ctrl-C drains and commits)')
    .option('--once', 'read all that is there now, then stop')
    .option('--give-up-after <duration>', 'stop with an error when nothing worked for so long, e.g. 5m')
    .option('--profile', 'print where the time went at the end')
    .addOption(new Option('--target <engine>', 'duckdb').default('duckdb'))
    .option('--ui [address]', 'not available yet')
    .action(async (file: string | undefined, options) =>
      finish(await (await import('./commands/run.ts')).run(terminal, file, options)),
    )

  withFormat(onFile(program.command('check').argument('[file]', 'a .sql file, or a folder of them')))
    .description('compile without running: all errors at once, no network')
    .action(async (file: string | undefined, options) =>
      finish(await (await import('./commands/check.ts')).check(terminal, file, options)),
    )

  withFormat(onFile(program.command('explain').argument('[file]', 'a .sql file')))
    .description('show what would run: topics, paths, SQL, partitioning and limits')
    .option('--stage <stage>', 'ast, plan, sql or consumption')
    .action(async (file: string | undefined, options) =>
      finish(await (await import('./commands/explain.ts')).explain(terminal, file, options)),
    )

  withFormat(onFile(program.command('query').argument('<select>', 'a SELECT in DuckDB SQL')))
    .description("read committed tables by name or path; dead_letters('stream') is one")
    .option('-f, --file <file>', 'the file whose names are known')
    .option('--limit <rows>', 'rows to show as a table; 0 shows all', '40')
    .action(async (select: string, options) =>
      finish(await (await import('./commands/query.ts')).query(terminal, select, options)),
    )
}

const addLookCommands = (program: Command, terminal: Terminal, finish: Finish): void => {
  const look = (name: string, description: string) =>
    withFormat(onFile(program.command(name).argument('[file]', 'the .sql file of the pipelines'))).description(
      description,
    )

  look('status', 'version, positions, lag and rows of each pipeline')
    .argument('[pipeline]')
    .action(async (file: string | undefined, pipeline: string | undefined, options) =>
      finish(await (await import('./commands/status.ts')).status(terminal, file, pipeline, options)),
    )
  look('batches', 'committed batches, newest first')
    .argument('[pipeline]')
    .option('--limit <count>', 'how many', '20')
    .action(async (file: string | undefined, pipeline: string | undefined, options) =>
      finish(await (await import('./commands/batches.ts')).batches(terminal, file, pipeline, options)),
    )
  look('dead-letters', 'records that were set aside, and why')
    .argument('[stream]')
    .option('--limit <count>', 'how many', '20')
    .option('--raw', 'show the bytes of each record')
    .action(async (file: string | undefined, stream: string | undefined, options) =>
      finish(await (await import('./commands/dead-letters.ts')).deadLetters(terminal, file, stream, options)),
    )
  look('verify', 'compare every commit with the files on storage; exit 1 and their names when they differ')
    .argument('[pipeline]')
    .action(async (file: string | undefined, pipeline: string | undefined, options) =>
      finish(await (await import('./commands/verify.ts')).verify(terminal, file, pipeline, options)),
    )
  look('vacuum', 'find what failed attempts left behind; removes it with --yes')
    .argument('[pipeline]')
    .option('--dry-run', 'only say what would be removed (the default)')
    .option('--yes', 'remove it')
    .action(async (file: string | undefined, pipeline: string | undefined, options) =>
      finish(await (await import('./commands/vacuum.ts')).vacuum(terminal, file, pipeline, options)),
    )
}

const addToolCommands = (program: Command, terminal: Terminal, finish: Finish): void => {
  program
    .command('produce')
    .argument('<generator>', 'books, events, or - for lines of stdin')
    .description('write messages to a topic: to Kafka or to an embedded log')
    .requiredOption('--topic <topic>')
    .option('--brokers <list>', 'host:port,… or embedded:DIR (default: ${KAFKA}, then embedded:.millrace/topics)')
    .option('--set <name=value>', 'KAFKA=host:port does as --brokers', collect)
    .option('--count <messages>', 'how many; without it, until Ctrl-C')
    .option('--rate <messages>', 'messages per second')
    .option('--seed <number>', 'the same seed gives the same messages', '1')
    .option('--bad <share>', 'share of messages that are broken, e.g. 1%', '0')
    .option('--duplicates <share>', 'share of messages that repeat an earlier one, e.g. 5%', '0')
    .option('--partitions <count>', 'partitions of a topic that is made', '4')
    .option('--format <format>', 'json prints one object about what was sent')
    .action(async (generator: string, options) =>
      finish(await (await import('./commands/produce.ts')).produce(terminal, generator, options)),
    )
  withFormat(program.command('doctor').argument('[file]', 'also check the brokers and stores of this file'))
    .description('check versions, memory, DuckDB, and with a file its brokers and stores')
    .option('--set <name=value>', 'fill ${name} in the file; may be repeated', collect)
    .option('--state <uri>', 'where the pipeline keeps its commit log')
    .action(async (file: string | undefined, options) =>
      finish(await (await import('./commands/doctor.ts')).doctor(terminal, file, options)),
    )
}
