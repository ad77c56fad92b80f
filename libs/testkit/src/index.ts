export * from './kafka/index.ts'
export * from './power-cut/index.ts'
export { requireOrSkip } from './require-or-skip.ts'
