export {
  type FaultMode,
  type FaultOptions,
  type FaultPlan,
  type FaultRates,
  type FaultyStorage,
  faultStorage,
  nthFault,
  randomFaults,
} from './faults.ts'
export { type Interceptor, interceptStorage, isWrite, type StorageCall, type StorageVerb } from './intercept.ts'
export { limitStorage } from './limit.ts'
export { type MeteredStorage, meterStorage, type StorageMetrics, type VerbMetrics } from './metrics.ts'
export type { Clock, Random } from './ports.ts'
export { type Retry, type RetryOptions, retryStorage } from './retry.ts'
export { type ThrottleOptions, throttleStorage } from './throttle.ts'
