import type { SourcePlan } from '../plan/consumption-plan.ts'
import { openKafkaSource } from './kafka/index.ts'
import type { SourceOptions, SourceReader } from './port.ts'
import { openTopicLogReader } from './topiclog/index.ts'

/** The reader for a stream's source. Opens no connection and no file: the first `describe` or `fetch` does. */
export const openSource = (plan: SourcePlan, options: SourceOptions): SourceReader => {
  switch (plan.kind) {
    case 'kafka':
      return openKafkaSource(plan, options)
    case 'topiclog':
      return openTopicLogReader(plan.directory, plan.topic, options, plan.whenMissing)
    default:
      return plan satisfies never
  }
}
