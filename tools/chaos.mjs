// npm run chaos -- [--kills N] [--seed S] [--rate messages/s]: random kill -9 under load against a real Kafka.
import { runTypeScript } from './run-typescript.mjs'

process.exitCode = runTypeScript('libs/testkit/chaos/run.ts', process.argv.slice(2))
