export { type Fault, type FaultPlan, nthRequestPlan, type ProxiedRequest, randomFaultPlan } from './plan.ts'
export { type FaultProxy, type FaultProxyOptions, startFaultProxy } from './proxy.ts'
