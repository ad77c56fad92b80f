import { hasContainerEngine } from './container-engine.ts'
import { checkJava, installKafka } from './install.ts'
import type { KafkaOptions, KafkaService } from './kafka-service.ts'
import { startKafkaProcesses } from './process.ts'

export type { KafkaOptions, KafkaService } from './kafka-service.ts'

/**
 * Starts Kafka: in a container where an engine answers and one broker is enough, else as processes by Maven's jars.
 * Throws where neither is possible.
 */
export const startKafka = async (options: KafkaOptions = {}): Promise<KafkaService> => {
  if (options.brokers === 3 || !(await hasContainerEngine())) return startKafkaProcesses(options)
  // Loaded when wanted: the library takes its time.
  const { startKafkaContainer } = await import('./container.ts')
  return startKafkaContainer()
}

/** Throws, with the reason, where `startKafka` cannot work; see `requireOrSkip`. May install Kafka. */
export const checkKafka = async (): Promise<void> => {
  if (await hasContainerEngine()) return
  await checkJava()
  await installKafka()
}
