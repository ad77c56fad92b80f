export { type LocalStorageOptions, openLocalStorage } from './adapter.ts'
export type { DirectoryEntry, FileStat, FileSystem, OpenFile } from './file-system.ts'
export { nodeFileSystem } from './node-file-system.ts'
