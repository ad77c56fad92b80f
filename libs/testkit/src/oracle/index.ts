export * from './check-table.ts'
export * from './ledger.ts'
