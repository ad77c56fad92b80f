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
    hint: 'Records between the two offsets are gone for good; on_data_loss = skip goes on from what is left.',
  },
  ENG_KAFKA_TOPIC_UNKNOWN: {
    fault: 'environment',
    retryable: true,
    summary: 'The topic does not exist.',
    hint: 'Create the topic, or check its name in the stream’s topic option.',
  },
  ENG_KAFKA_TOPIC_RECREATED: {
    fault: 'environment',
    summary: 'The topic was deleted and created again since the last commit: its offsets mean other records now.',
    hint: 'on_data_loss = skip reads the new topic from its start.',
  },
  ENG_KAFKA_AUTHORIZATION: {
    fault: 'environment',
    summary: 'The broker does not let this client read the topic.',
  },
  ENG_KAFKA_PROTOCOL: {
    fault: 'environment',
    summary: 'The broker answered in a way that this client does not understand.',
  },
  ENG_KAFKA_CODEC: {
    fault: 'environment',
    summary: 'A record batch is compressed with a codec that is not supported.',
    hint: 'Produce with compression none or gzip.',
  },
  ENG_KAFKA_RECORD_FORMAT: {
    fault: 'environment',
    summary: 'A record batch does not follow the record batch format v2, or is of an older format.',
  },
  ENG_KAFKA_CRC: {
    fault: 'environment',
    summary: 'The checksum (CRC32C) of a record batch does not match its bytes: it was damaged on disk or on its way.',
  },
  ENG_KAFKA_DECOMPRESSED_LIMIT: {
    fault: 'environment',
    summary: 'A compressed record batch unfolds to more than record_decompressed_bytes_max.',
  },
  ENG_KAFKA_PRODUCE: {
    fault: 'environment',
    retryable: true,
    summary: 'Messages could not be written to the topic.',
  },
  ENG_FEED_WORKER_LOST: {
    fault: 'environment',
    retryable: true,
    summary: 'The thread that reads a pipeline’s sources ended.',
  },
  ENG_TOPICLOG_LOCKED: {
    fault: 'environment',
    summary: 'Another process is writing to this embedded topic.',
    hint: 'An embedded topic has one writer at a time.',
  },
  ENG_TOPICLOG_BROKEN: {
    fault: 'environment',
    summary: 'The files of an embedded topic are not what a writer leaves.',
  },
})
