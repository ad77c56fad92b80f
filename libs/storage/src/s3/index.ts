export { openS3Storage, type S3StorageOptions } from './adapter.ts'
export type { S3ClientOptions, S3Credentials } from './client.ts'
