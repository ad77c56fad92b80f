import { crc32c } from '../record-batch/crc32c.ts'
import { openTopicLogWriter } from '../topiclog/index.ts'
import type { Messages, ProduceMessage, ProduceOptions, ProduceSummary } from './message.ts'
import { inBursts } from './pace.ts'

/**
 * Appends messages to an embedded topic, which is made where it is missing. Messages of one key go to one partition, in
 * order; those without a key go to all in turn. Throws ENG_TOPICLOG_LOCKED while another process writes to the topic.
 */
export const produceToLog = async (
  options: ProduceOptions & { readonly directory: string },
  messages: Messages,
): Promise<ProduceSummary> => {
  const { partitions } = options
  const writer = openTopicLogWriter(options.directory, options.topic, partitions === undefined ? {} : { partitions })
  let summary: ProduceSummary = { messages: 0, bytes: 0 }
  let turn = 0
  try {
    for await (const burst of inBursts(messages, options)) {
      const byPartition: ProduceMessage[][] = Array.from({ length: writer.partitions }, () => [])
      let { bytes } = summary
      for (const message of burst) {
        const { key } = message
        byPartition[(key === null ? turn++ : crc32c(key, 0, key.length)) % writer.partitions]!.push(message)
        bytes += (key?.length ?? 0) + (message.value?.length ?? 0)
      }
      byPartition.forEach((part, partition) => {
        if (part.length > 0) writer.append(partition, part)
      })
      summary = { messages: summary.messages + burst.length, bytes }
      options.onProgress?.(summary)
    }
  } finally {
    writer.close()
  }
  return summary
}
