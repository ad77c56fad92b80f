import type { CreateJobNode, FileNode, InsertNode, ShowNode, StatementNode } from '../ast.ts'
import { printInterval } from '../parser/intervals.ts'
import { printString } from '../string-literals.ts'
import { printCreate, printCreateSink, printCreateStream, printCreateTable } from './create.ts'
import { printName, printNames, printSql, printValue } from './fragments.ts'

/**
 * The canonical text of a statement, without a `;`: parsed again (with the same variables) it gives the same node but
 * for spans. Comments between clauses are not kept. Holds no secret: where one was filled in, its `${…}` stands.
 */
export const printStatement = (node: StatementNode): string => {
  switch (node.kind) {
    case 'create_stream':
      return printCreateStream(node)
    case 'create_stream_as':
      return `${printCreate('STREAM', node)} ${printName(node.name)} AS\n${printSql(node.select)}`
    case 'create_table':
      return printCreateTable(node)
    case 'create_sink':
      return printCreateSink(node)
    case 'create_job':
      return printJob(node)
    case 'insert':
      return printInsert(node)
    case 'import':
      return `IMPORT ${printString(node.path)}`
    case 'set':
      return `SET ${printName(node.name)} = ${printValue(node.value)}`
    case 'show':
      return printShow(node)
    case 'describe':
      return `DESCRIBE ${printName(node.name)}`
    case 'explain':
      return `EXPLAIN (${node.stage.toUpperCase()})\n${printStatement(node.statement)}`
    case 'select':
      return printSql(node.select)
    default:
      return node satisfies never
  }
}

/** All statements of a file, each ended by `;`. */
export const printFile = (file: FileNode): string =>
  file.statements.map((statement) => `${printStatement(statement)};\n`).join('\n')

const printInsert = (node: InsertNode): string => {
  const mode = { append: '', ignore: 'OR IGNORE ', replace: 'OR REPLACE ' }[node.mode]
  const { emit, late } = node
  const lateText = { drop: 'DROP', dead_letter: 'DEAD LETTER', into: late?.into ? `INTO ${printName(late.into)}` : '' }
  return [
    `INSERT ${mode}INTO ${printName(node.target)}`,
    printSql(node.select),
    ...(node.partitionBy === undefined ? [] : [`PARTITION BY ${printNames(node.partitionBy)}`]),
    ...(emit === undefined ? [] : [`EMIT ${emit.mode.toUpperCase()}`]),
    ...(late === undefined ? [] : [`LATE ${lateText[late.mode]}`]),
    ...(node.allowLateness_ms === undefined ? [] : [`ALLOW LATENESS ${printInterval(node.allowLateness_ms)}`]),
    ...(node.every_ms === undefined ? [] : [`EVERY ${printInterval(node.every_ms)}`]),
  ].join('\n')
}

const printJob = (node: CreateJobNode): string => {
  const { schedule, missed } = node
  const zone = schedule?.timeZone === undefined ? '' : ` AT TIME ZONE ${printString(schedule.timeZone)}`
  return [
    `${printCreate('JOB', node)} ${printName(node.name)}`,
    ...(schedule === undefined ? [] : [`SCHEDULE ${printString(schedule.cron)}${zone}`]),
    ...(missed === undefined ? [] : [missed === 'skip' ? 'SKIP MISSED' : 'CATCH UP']),
    ...(node.dependsOn.length === 0 ? [] : [`DEPENDS ON ${printNames(node.dependsOn)}`]),
    ...(node.timeout_ms === undefined ? [] : [`TIMEOUT ${printInterval(node.timeout_ms)}`]),
    'AS',
    printInsert(node.insert),
  ].join('\n')
}

const printShow = ({ what, of }: ShowNode): string =>
  `SHOW ${what.replace('_', ' ').toUpperCase()}${of === undefined ? '' : ` OF ${printName(of)}`}`
