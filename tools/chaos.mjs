// npm run chaos -- [--kills N] [--seed S] [--rate messages/s]: random kill -9 under load against a real Kafka.
// npm run chaos -- stores [--schedules N]: N random schedules of faults on the wire to a real S3 and a real HDFS.
import { spawnSync } from 'node:child_process'
import { runTypeScript } from './run-typescript.mjs'

const [first, ...rest] = process.argv.slice(2)

const onStores = () => {
  const at = rest.indexOf('--schedules')
  const env = { ...process.env, CI: 'true', SCHEDULES: at < 0 ? '1000' : rest[at + 1] }
  const files = ['test/s3/faults.service', 'test/hdfs/faults.service']
  return spawnSync(
    'npx',
    ['--no-install', 'vitest', 'run', '--project', 'storage', ...files, '-t', 'random schedules'],
    {
      stdio: 'inherit',
      env,
    },
  ).status
}

process.exitCode =
  (first === 'stores' ? onStores() : runTypeScript('libs/testkit/chaos/run.ts', process.argv.slice(2))) ?? 1
