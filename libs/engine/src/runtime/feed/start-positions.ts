import { MillraceError } from '../../core/errors/index.ts'
import { type Positions, positionOf } from '../../core/positions.ts'
import type { SourcePlan } from '../../plan/consumption-plan.ts'
import type { PartitionInfo, TopicInfo } from '../../sources/port.ts'

export interface Committed {
  readonly positions: Positions
  readonly topicIds: Readonly<Record<string, string>>
}

/**
 * Where to read each partition from: the last commit's end; earliest for a partition that is new since then; the
 * stream's start on a first run. Throws ENG_KAFKA_TOPIC_RECREATED or ENG_KAFKA_OFFSETS_LOST where the topic no longer
 * has what the commit left off at, unless the stream says to skip: then it warns.
 */
export const startPositions = (
  plan: SourcePlan,
  info: TopicInfo,
  committed: Committed | undefined,
  warn: (message: string) => void,
): ReadonlyMap<number, bigint> => {
  const { topic } = plan
  const first = committed?.positions[topic] === undefined
  const recreated = !first && isRecreated(info, committed)
  if (recreated) report(plan, new MillraceError('ENG_KAFKA_TOPIC_RECREATED', recreatedMessage(topic), { topic }), warn)
  const start = (partition: PartitionInfo): bigint => {
    if (first) return plan.start === 'earliest' ? partition.earliest : partition.latest
    const position = recreated ? undefined : positionOf(committed.positions, topic, partition.partition)
    if (position === undefined) return partition.earliest
    if (position >= partition.earliest && position <= partition.latest) return position
    report(plan, lostOffsets(topic, partition, position), warn)
    return position < partition.earliest ? partition.earliest : partition.latest
  }
  return new Map(info.partitions.map((partition) => [partition.partition, start(partition)]))
}

const isRecreated = (info: TopicInfo, committed: Committed | undefined): boolean => {
  const known = committed?.topicIds[info.topic]
  return known !== undefined && info.topicId !== undefined && known !== info.topicId
}

const recreatedMessage = (topic: string): string =>
  `topic ${topic} was deleted and created again since the last commit, so its offsets mean other records`

const lostOffsets = (topic: string, held: PartitionInfo, position: bigint): MillraceError => {
  const { partition, earliest, latest } = held
  const range = `${earliest} to ${latest} (exclusive)`
  const message = `the last commit ends at offset ${position} of ${topic}, partition ${partition}, which holds ${range}`
  return new MillraceError('ENG_KAFKA_OFFSETS_LOST', message, { topic, partition, offset: position })
}

const report = (plan: SourcePlan, error: MillraceError, warn: (message: string) => void): void => {
  if (plan.onDataLoss === 'fail') throw error
  warn(`${error.message}; going on from what is there`)
}
