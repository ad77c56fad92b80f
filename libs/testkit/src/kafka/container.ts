import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers'
import { freePorts } from './free-port.ts'
import type { KafkaService } from './kafka-service.ts'
import { serverProperties } from './properties.ts'

const IMAGE = 'apache/kafka:4.1.0'
const START_MS = 180_000

/**
 * One broker in a container. Its port is the same inside and outside and stays over a restart, since brokers tell
 * clients where they are; @testcontainers/kafka maps another port at every start.
 */
export const startKafkaContainer = async (): Promise<KafkaService> => {
  const [port, controllerPort] = (await freePorts(2)) as [number, number]
  const node = { id: 1, port, controllerPort }
  const properties = serverProperties(node, [node], '/tmp/kafka-data').replace(
    `listeners=PLAINTEXT://127.0.0.1:${port}`,
    `listeners=PLAINTEXT://0.0.0.0:${port}`,
  )
  const kafka = '/opt/kafka/bin'
  const format = `[ -f /tmp/kafka-data/meta.properties ] || ${kafka}/kafka-storage.sh format --standalone -t $(${kafka}/kafka-storage.sh random-uuid) -c /tmp/server.properties`
  const container = await new GenericContainer(IMAGE)
    .withCopyContentToContainer([{ content: properties, target: '/tmp/server.properties' }])
    .withExposedPorts({ container: port, host: port })
    .withEntrypoint(['/bin/bash', '-c'])
    .withCommand([`${format} && exec ${kafka}/kafka-server-start.sh /tmp/server.properties`])
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .withStartupTimeout(START_MS)
    .start()
  const engine = await getContainerRuntimeClient()
  const handle = engine.container.getById(container.getId())
  const address = `127.0.0.1:${port}`
  return {
    brokers: [address],
    bootstrap: address,
    kill: async () => {
      await handle.kill()
    },
    restart: async () => {
      await container.restart()
    },
    stop: async () => {
      await container.stop()
    },
  }
}
