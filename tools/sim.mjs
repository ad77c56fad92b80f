// npm run sim -- [--seeds N] [--seed S]: the commit protocol's simulator, around the real workflow code.
import { runTypeScript } from './run-typescript.mjs'

process.exitCode = runTypeScript('libs/engine/sim/run.ts', process.argv.slice(2))
