import { defineErrors } from './registry.ts'

/** Errors of sources: Kafka and the embedded topic log. */
export const kafkaErrors = defineErrors({
  ENG_KAFKA_UNREACHABLE: {
    fault: 'environment',
    retryable: true,
    summary: 'No broker of the list answered.',
    hint: 'Check the address in the stream’s brokers option and that the broker is up: millrace doctor.',
  },
  ENG_KAFKA_OFFSETS_LOST: {
    fault: 'environment',
    summary: 'The position to read from is no longer (or not yet) in the topic.',
  },
})
