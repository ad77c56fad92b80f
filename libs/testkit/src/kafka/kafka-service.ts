/** A running Kafka for tests. Brokers are numbered from 1. */
export interface KafkaService {
  /** `host:port` of every broker. */
  readonly brokers: readonly string[]
  /** The same, comma-separated. */
  readonly bootstrap: string
  /** Ends a broker as a power cut would: kill -9. */
  kill(broker?: number): Promise<void>
  /** Starts a killed broker again, on its data and its ports; resolves when it answers. */
  restart(broker?: number): Promise<void>
  /** Ends everything and removes the data. */
  stop(): Promise<void>
}

export interface KafkaOptions {
  /** Three brokers replicate every partition three times and want two in sync. Default 1. */
  readonly brokers?: 1 | 3
  /** Of each broker's JVM. Default 256. */
  readonly heap_mb?: number
}
