export * from './column-arena.ts'
export * from './path.ts'
