// npm run services -- up|down|status: real Kafka, HDFS and S3 for trying things by hand
import { runTypeScript } from './run-typescript.mjs'

process.exitCode = runTypeScript('libs/testkit/src/services/command.ts', process.argv.slice(2))
