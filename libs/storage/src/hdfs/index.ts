export { openHdfsStorage } from './adapter.ts'
export { HdfsError } from './errors.ts'
export type { HdfsStorageOptions, HdfsTls } from './options.ts'
