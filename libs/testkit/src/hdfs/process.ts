import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from '../kafka/free-port.ts'
import { type HdfsPorts, hdfsConfiguration } from './configuration.ts'
import type { HdfsNode, HdfsOptions, HdfsService } from './hdfs-service.ts'
import { checkJava, installHdfs, loggingConfiguration } from './install.ts'
import { type Java, NodeProcess, runJava } from './node-process.ts'

const USER = 'hdfs'
const SERVER = 'org.apache.hadoop.hdfs.server'
const READY_MS = 120_000

/** Starts HDFS as processes of this machine, with free ports and data of its own below the temporary folder. */
export const startHdfs = async (options: HdfsOptions = {}): Promise<HdfsService> => {
  await checkJava()
  const installed = await installHdfs()
  const folder = await mkdtemp(join(tmpdir(), 'millrace-hdfs-'))
  const [rpc, http, dataTransfer, dataHttp, dataIpc] = (await freePorts(5)) as [number, number, number, number, number]
  const java = await prepare(installed, folder, { rpc, http, dataTransfer, dataHttp, dataIpc })
  const heap_mb = options.heap_mb ?? 256
  const nodes: Readonly<Record<HdfsNode, NodeProcess>> = {
    namenode: new NodeProcess(java, 'namenode', `${SERVER}.namenode.NameNode`, folder, heap_mb),
    datanode: new NodeProcess(java, 'datanode', `${SERVER}.datanode.DataNode`, folder, heap_mb),
  }
  const namenode = `http://127.0.0.1:${http}`
  const stop = async (): Promise<void> => {
    await Promise.all([nodes.namenode.stop(), nodes.datanode.stop()])
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  const restart = async (node: HdfsNode = 'namenode'): Promise<void> => {
    nodes[node].start()
    await ready(namenode, `http://127.0.0.1:${dataHttp}`, nodes)
  }
  try {
    await runJava(java, `${SERVER}.namenode.NameNode`, '-format', '-force', '-nonInteractive')
    nodes.datanode.start()
    await restart('namenode')
  } catch (error) {
    await stop()
    throw error
  }
  return {
    webhdfs: `webhdfs://127.0.0.1:${http}`,
    namenode,
    user: USER,
    kill: (node = 'namenode') => nodes[node].kill(),
    restart,
    killDatanode: () => nodes.datanode.kill(),
    restartDatanode: () => restart('datanode'),
    pause: (node = 'namenode') => nodes[node].signal('SIGSTOP'),
    resume: (node = 'namenode') => nodes[node].signal('SIGCONT'),
    safeMode: (state) =>
      runJava(java, 'org.apache.hadoop.hdfs.tools.DFSAdmin', '-safemode', state === 'on' ? 'enter' : 'leave'),
    stop,
  }
}

const prepare = async (installed: string, folder: string, ports: HdfsPorts): Promise<Java> => {
  const conf = join(folder, 'conf')
  await mkdir(conf)
  for (const [name, text] of Object.entries(hdfsConfiguration(ports, folder, USER))) {
    await writeFile(join(conf, name), text)
  }
  await copyFile(loggingConfiguration(), join(conf, 'log4j.properties'))
  const settings = [`-Dhadoop.home.dir=${folder}`, `-Dhadoop.log.dir=${folder}`, '-Djava.net.preferIPv4Stack=true']
  return {
    options: [...settings, '-Djava.awt.headless=true', '-cp', `${conf}:${join(installed, 'lib', '*')}`],
    environment: { ...process.env, HADOOP_USER_NAME: USER },
  }
}

/** Ready: out of safe mode, one live DataNode, and that one answers WebHDFS. */
const ready = async (namenode: string, datanode: string, nodes: Record<HdfsNode, NodeProcess>): Promise<void> => {
  for (const deadline = Date.now() + READY_MS; Date.now() < deadline; ) {
    for (const node of Object.values(nodes)) {
      if (!node.running) throw new Error(`the HDFS ${node.name} ended while it started:\n${await node.said()}`)
    }
    const state = await textOf(`${namenode}/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState`)
    const live = state.includes('"NumLiveDataNodes" : 1') && state.includes('"FSState" : "Operational"')
    if (live && (await textOf(`${datanode}/jmx?qry=java.lang:type=Runtime`)) !== '') return
    await sleep(150)
  }
  const said = await Promise.all(Object.values(nodes).map((node) => node.said()))
  throw new Error(`HDFS was not ready within ${READY_MS} ms:\n${said.join('\n')}`)
}

const textOf = async (url: string): Promise<string> => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    return answer.ok ? await answer.text() : ''
  } catch {
    return ''
  }
}
