export {
  type LocalFiles,
  type MemoryStorageOptions,
  type MemoryStore,
  memoryStore,
  openMemoryStorage,
  type StagedEntry,
} from './adapter.ts'
