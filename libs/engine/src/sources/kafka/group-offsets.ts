import type { FetchRequest } from '../port.ts'
import type { KafkaCluster } from './cluster.ts'

/**
 * Writes consumed positions to a consumer group for lag tools, as a member of no generation (KIP-211 calls it simple
 * consumer). One write at a time; what comes meanwhile waits, and only its newest is written.
 */
export class GroupOffsets {
  readonly #group: string
  readonly #topic: string
  #waiting: readonly FetchRequest[] | undefined
  #writing: Promise<void> | undefined

  constructor(group: string, topic: string) {
    this.#group = group
    this.#topic = topic
  }

  /** Never throws: our own commits decide, these offsets do not. */
  commit(cluster: KafkaCluster, positions: readonly FetchRequest[]): Promise<void> {
    this.#waiting = positions
    this.#writing ??= this.#writeAll(cluster).finally(() => {
      this.#writing = undefined
    })
    return this.#writing
  }

  async #writeAll(cluster: KafkaCluster): Promise<void> {
    while (this.#waiting !== undefined) {
      const positions = this.#waiting
      this.#waiting = undefined
      try {
        const coordinator = await cluster.findGroupCoordinator({ groupId: this.#group })
        const partitions = positions.map(({ partition, position }) => ({ partition, offset: String(position) }))
        await coordinator.offsetCommit({
          groupId: this.#group,
          groupGenerationId: -1,
          memberId: '',
          topics: [{ topic: this.#topic, partitions }],
        })
      } catch {
        return
      }
    }
  }
}
