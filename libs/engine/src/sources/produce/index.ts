export type { Messages, ProduceHeader, ProduceMessage, ProduceOptions, ProduceSummary } from './message.ts'
export { type KafkaProduceOptions, produceToKafka } from './to-kafka.ts'
export { produceToLog } from './to-log.ts'
