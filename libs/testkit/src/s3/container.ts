import { randomBytes } from 'node:crypto'
import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers'
import { freePorts } from '../kafka/free-port.ts'
import { makeBucket, whenReady } from './buckets.ts'
import { OWNER, REGION, type S3Credentials, type S3Service } from './s3-service.ts'

const IMAGE = 'versity/versitygw:v1.8.0'
const PORT = 7070
const START_MS = 120_000

/** The gateway in a container. Its metadata lie beside the data, since an overlay need not have extended attributes. */
export const startS3Container = async (): Promise<S3Service> => {
  const [port] = (await freePorts(1)) as [number]
  const serve = ['--port', `0.0.0.0:${PORT}`, '--region', REGION, '--keep-alive', '--quiet', '--iam-dir', '/tmp/iam']
  const folders = 'mkdir -p /tmp/iam /tmp/data /tmp/meta'
  const command = `${folders} && exec versitygw ${serve.join(' ')} posix --sidecar /tmp/meta /tmp/data`
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts({ container: PORT, host: port })
    .withEnvironment({ ROOT_ACCESS_KEY_ID: OWNER.accessKeyId, ROOT_SECRET_ACCESS_KEY: OWNER.secretAccessKey })
    .withEntrypoint(['/bin/sh', '-c'])
    .withCommand([command])
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(START_MS)
    .start()
  const engine = await getContainerRuntimeClient()
  const handle = engine.container.getById(container.getId())
  const endpoint = `http://127.0.0.1:${port}`
  await whenReady(endpoint, () => undefined)
  const stranger = async (): Promise<S3Credentials> => {
    const user = { accessKeyId: `stranger-${randomBytes(4).toString('hex')}`, secretAccessKey: 'knows-nobody-here' }
    const owner = ['--access', OWNER.accessKeyId, '--secret', OWNER.secretAccessKey]
    const made = ['--access', user.accessKeyId, '--secret', user.secretAccessKey, '--role', 'user']
    const at = ['--endpoint-url', `http://127.0.0.1:${PORT}`]
    await container.exec(['versitygw', 'admin', ...owner, ...at, 'create-user', ...made])
    return user
  }
  return {
    endpoint,
    region: REGION,
    credentials: OWNER,
    bucket: (name) => makeBucket(endpoint, name),
    stranger,
    pause: async () => {
      await handle.pause()
    },
    resume: async () => {
      await handle.unpause()
    },
    kill: async () => {
      await handle.kill()
    },
    restart: async () => {
      await container.restart()
      await whenReady(endpoint, () => undefined)
    },
    stop: async () => {
      await container.stop()
    },
  }
}
