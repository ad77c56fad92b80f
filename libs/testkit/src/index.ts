export * from './kafka/index.ts'
export { requireOrSkip } from './require-or-skip.ts'
