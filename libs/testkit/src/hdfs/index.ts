export type { HdfsNode, HdfsOptions, HdfsService } from './hdfs-service.ts'
export { checkHdfs } from './install.ts'
export { startHdfs } from './process.ts'
