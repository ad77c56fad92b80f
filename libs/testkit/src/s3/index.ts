import { hasContainerEngine } from '../kafka/container-engine.ts'
import { checkGo, installVersityGateway } from './install.ts'
import { startS3Process } from './process.ts'
import type { S3Service } from './s3-service.ts'

export type { S3Credentials, S3Service } from './s3-service.ts'

/** Starts an S3 server: in a container where an engine answers, else as a process. Throws where neither is possible. */
export const startS3 = async (): Promise<S3Service> => {
  if (!(await hasContainerEngine())) return startS3Process()
  // Loaded when wanted: the library takes its time.
  const { startS3Container } = await import('./container.ts')
  return startS3Container()
}

/** Throws, with the reason, where `startS3` cannot work; see `requireOrSkip`. May build the server. */
export const checkS3 = async (): Promise<void> => {
  if (await hasContainerEngine()) return
  await checkGo()
  await installVersityGateway()
}
