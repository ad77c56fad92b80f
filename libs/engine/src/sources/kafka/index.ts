import type { SourceOptions, SourceReader } from '../port.ts'
import { type KafkaPlan, KafkaSource } from './source.ts'

/** A reader of a Kafka topic; connects at the first `describe` or `fetch`. */
export const openKafkaSource = (plan: KafkaPlan, options: SourceOptions): SourceReader => new KafkaSource(plan, options)
