export {
  CRASH_POINTS,
  CRASHPOINT_VARIABLE,
  type Crashpoint,
  type CrashPoint,
  crashpointFromEnv,
} from './crash-points.ts'
export { deadLettersRoot, pipelineRoot, STATE_DIRECTORY, stateFilesRoot, stateRootOf } from './layout.ts'
export type * from './records.ts'
export type * from './types.ts'
export { fencedError, openPipelineLog } from './workflow/log.ts'
