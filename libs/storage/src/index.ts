export * from './location.ts'
export * from './path.ts'
export * from './port.ts'
export { type ProbeFile, probeStore } from './probe.ts'
