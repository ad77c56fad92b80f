export * from './column-arena.ts'
