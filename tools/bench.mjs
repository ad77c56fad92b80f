// npm run bench -- books|json [--kafka] [--messages N] [--rounds N]
import { runTypeScript } from './run-typescript.mjs'

process.exitCode = runTypeScript('bench/run.ts', process.argv.slice(2))
