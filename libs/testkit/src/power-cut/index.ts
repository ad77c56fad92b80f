export {
  type PowerCutDisk,
  PowerCutError,
  type PowerCutFile,
  type PowerCutFileSystem,
  type PowerCutOptions,
  type PowerCutStat,
  powerCutFileSystem,
} from './file-system.ts'
