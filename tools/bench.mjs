// npm run bench -- books|json [--kafka] [--messages N] [--rounds N]
// npm run bench -- stores [--bytes N] [--rounds N]
import { runTypeScript } from './run-typescript.mjs'

const args = process.argv.slice(2)
process.exitCode =
  args[0] === 'stores'
    ? runTypeScript('libs/storage/bench/s3.ts', args.slice(1)) || runTypeScript('bench/stores.ts', args)
    : runTypeScript('bench/run.ts', args)
