export {
  type PowerCutDisk,
  PowerCutError,
  type PowerCutFile,
  type PowerCutFileSystem,
  type PowerCutOptions,
  powerCutFileSystem,
} from './file-system.ts'
