/** `npm run services -- up|down|status`: Kafka, HDFS and S3 as processes of this machine, without any container. */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { installHdfs } from '../hdfs/install.ts'
import { checkJava, installKafka } from '../kafka/install.ts'
import { checkGo, installVersityGateway } from '../s3/install.ts'
import { logFile, readRecord, removeRecord, type ServicesRecord } from './record.ts'

const READY_MS = 180_000
const END_MS = 30_000

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const answers = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(/^\w+:\/\//.test(address) ? address : `tcp://${address}`)
    const socket = connect(Number(port), hostname)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

const servers = ({ kafka, webhdfs, s3 }: ServicesRecord) =>
  [
    ['Kafka', kafka],
    ['HDFS', webhdfs],
    ['S3', s3],
  ] as const

const describe = (record: ServicesRecord): string => {
  const { kafka, webhdfs, s3, bucket, accessKeyId, secretAccessKey } = record
  const run = (lake: string) => `npx millrace run sql/books_raw.sql --once --set KAFKA=${kafka} --set '${lake}'`
  const credentials = `export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`
  return `${servers(record)
    .map(([name, address]) => `${name.padEnd(6)} ${address}`)
    .join('\n')}

npx millrace produce books --topic book_data_topic --brokers ${kafka} --count 10000 --bad 1% --duplicates 5%
${run('LAKE=file:///tmp/millrace-lake')}
${run(`LAKE=${webhdfs}/lake`)}
${credentials}
${run(`LAKE=s3://${bucket}?endpoint=${s3}`)}

npx millrace verify sql/books_raw.sql --set KAFKA=… --set LAKE=… with the same values; npm run services -- down ends it.`
}

const running = async (): Promise<ServicesRecord | undefined> => {
  const record = readRecord()
  if (record === undefined || !isAlive(record.pid)) return undefined
  const up = await Promise.all(servers(record).map(([, address]) => answers(address)))
  return up.every(Boolean) ? record : undefined
}

const up = async (): Promise<number> => {
  const there = await running()
  if (there === undefined) {
    await down()
    await Promise.all([checkJava(), checkGo()])
    // One after the other, each with its own line: downloads are the slow part of a first time.
    await installKafka()
    await installHdfs()
    await installVersityGateway()
    await start()
  }
  const record = await running()
  if (record === undefined) throw new Error(`the services did not start: ${readFileSync(logFile(), 'utf8')}`)
  console.log(describe(record))
  return 0
}

const start = async (): Promise<void> => {
  mkdirSync(dirname(logFile()), { recursive: true })
  const log = openSync(logFile(), 'w')
  const program = fileURLToPath(new URL('serve.ts', import.meta.url))
  // Detached: a session and a process group of its own, which the servers are born into.
  const child = spawn(process.execPath, ['--import', 'tsx', program], { detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  child.unref()
  for (const deadline_ms = performance.now() + READY_MS; performance.now() < deadline_ms; ) {
    if (child.exitCode !== null || (await running()) !== undefined) return
    await sleep(200)
  }
}

const down = async (): Promise<number> => {
  const record = readRecord()
  if (record === undefined) return 0
  if (isAlive(record.pid)) process.kill(record.pid, 'SIGTERM')
  for (const deadline_ms = performance.now() + END_MS; isAlive(record.pid) && performance.now() < deadline_ms; ) {
    await sleep(100)
  }
  try {
    // Whatever a killed supervisor has left is in its group still.
    process.kill(-record.pid, 'SIGKILL')
  } catch {}
  removeRecord()
  return 0
}

const status = async (): Promise<number> => {
  const record = readRecord()
  if (record === undefined) {
    console.log('Not running: npm run services -- up starts Kafka, HDFS and S3')
    return 1
  }
  let all = isAlive(record.pid)
  for (const [name, address] of servers(record)) {
    const here = await answers(address)
    all &&= here
    console.log(`${name.padEnd(6)} ${here ? 'up  ' : 'DOWN'} ${address}`)
  }
  return all ? 0 : 1
}

const commands: Readonly<Record<string, () => Promise<number>>> = { up, down, status }
const command = commands[process.argv[2] ?? '']
if (command === undefined) console.error('npm run services -- up|down|status')
process.exit(command === undefined ? 1 : await command())
