import { setTimeout as sleep } from 'node:timers/promises'
import { MillraceError } from '../../core/errors/index.ts'
import type { SourcePlan } from '../../plan/consumption-plan.ts'
import type { FetchedRecords, FetchRequest, SourceOptions, SourceReader, TopicInfo } from '../port.ts'
import { sendRaw } from './cluster.ts'
import { decodeFetch, encodeFetch, FETCH_V11, type FetchedPartition } from './fetch-v11.ts'
import { GroupOffsets } from './group-offsets.ts'
import { KafkaSession } from './session.ts'
import { errorOfClient, errorOfCode, Passing, TopicMissing } from './trouble.ts'

export type KafkaPlan = Extract<SourcePlan, { readonly kind: 'kafka' }>

const OFFSET_OUT_OF_RANGE = 1
const RETRY_DELAY_MS = 100
/** A topic that was created a moment ago is unknown to some brokers for a while: asked so often before it is missing. */
const MISSING_TRIES = 5
const RETRY_DELAY_MS_MAX = 2_000

interface Limits {
  readonly bytes_max: number
  readonly wait_ms: number
}

/**
 * Reads a Kafka topic with explicit positions and read_committed isolation, over kafkajs's connections with our own
 * Fetch. Whatever may pass (brokers down, leaders moving, a topic that is missing) is retried until the signal fires;
 * with `whenMissing` a topic that is still unknown after a few tries is ENG_KAFKA_TOPIC_UNKNOWN.
 */
export class KafkaSource implements SourceReader {
  readonly #plan: KafkaPlan
  readonly #options: SourceOptions
  readonly #group: GroupOffsets | undefined
  #session: KafkaSession | undefined
  #brokers: readonly string[]
  #topicId: string | undefined
  #troubled = false
  #turn = 0

  constructor(plan: KafkaPlan, options: SourceOptions) {
    this.#plan = plan
    this.#options = options
    this.#brokers = plan.brokers
    this.#group = plan.group === undefined ? undefined : new GroupOffsets(plan.group, plan.topic)
  }

  describe(signal: AbortSignal): Promise<TopicInfo> {
    return this.#retry(signal, async (session) => {
      const partitions = await session.describe()
      const topicId = session.topicId
      return { topic: this.#plan.topic, ...(topicId === undefined ? {} : { topicId }), partitions }
    })
  }

  fetch(requests: readonly FetchRequest[], limits: Limits, signal: AbortSignal): Promise<readonly FetchedRecords[]> {
    return this.#retry(signal, (session) => this.#fetchOnce(session, requests, limits))
  }

  async acknowledge(positions: readonly FetchRequest[]): Promise<void> {
    if (this.#session !== undefined) await this.#group?.commit(this.#session.cluster, positions)
  }

  async close(): Promise<void> {
    this.#session?.close()
    this.#session = undefined
  }

  /** One fetch per leader, all at once. One leader's trouble does not keep back what the others brought. */
  async #fetchOnce(
    session: KafkaSession,
    requests: readonly FetchRequest[],
    limits: Limits,
  ): Promise<FetchedRecords[]> {
    const leaders = Object.entries(session.leaders(requests.map(({ partition }) => partition)))
    if (leaders.length === 0) throw new TopicMissing(this.#plan.topic)
    const fetches = leaders.map(([nodeId, partitions]) =>
      this.#fetchFrom(session, nodeId, this.#inTurn(requests, partitions), limits),
    )
    const outcomes = await Promise.allSettled(fetches)
    const partitions = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []))
    const positions = new Map(requests.map(({ partition, position }) => [partition, position]))
    const fetched = partitions
      .filter(({ errorCode }) => errorCode === 0)
      .map(({ partition, records, latest, aborted }) => ({
        partition,
        bytes: records,
        position: positions.get(partition)!,
        latest,
        ...(aborted.length === 0 ? {} : { aborted }),
      }))
    const failure = outcomes.find((outcome) => outcome.status === 'rejected')?.reason as unknown
    const refused = partitions.find(({ errorCode }) => errorCode !== 0)
    if (failure === undefined && refused === undefined) return fetched
    const error = refused === undefined ? this.#meaning(failure) : await this.#refusal(session, refused, positions)
    if (!(error instanceof Passing) || !fetched.some(({ bytes }) => bytes.length > 0)) throw error
    this.#trouble(error)
    return fetched
  }

  /** The leader's partitions, a different one first each time: a batch above the limit is only sent for the first. */
  #inTurn(requests: readonly FetchRequest[], partitions: readonly number[]): FetchRequest[] {
    const wanted = requests.filter(({ partition }) => partitions.includes(partition))
    const first = this.#turn++ % wanted.length
    return [...wanted.slice(first), ...wanted.slice(0, first)]
  }

  async #fetchFrom(
    session: KafkaSession,
    nodeId: string,
    requests: readonly FetchRequest[],
    limits: Limits,
  ): Promise<readonly FetchedPartition[]> {
    const broker = await session.broker(nodeId)
    const body = encodeFetch(this.#plan.topic, requests, {
      wait_ms: limits.wait_ms,
      bytes_max: Math.min(limits.bytes_max * requests.length, 0x7fff_ffff),
      partition_bytes_max: limits.bytes_max,
    })
    const { errorCode, partitions } = decodeFetch(await sendRaw(broker, FETCH_V11, body))
    if (errorCode !== 0) throw errorOfCode(errorCode, this.#plan.topic, requests[0]!.partition)
    return partitions
  }

  async #refusal(
    session: KafkaSession,
    refused: FetchedPartition,
    positions: ReadonlyMap<number, bigint>,
  ): Promise<Error> {
    const { partition, errorCode } = refused
    const { topic } = this.#plan
    if (errorCode !== OFFSET_OUT_OF_RANGE) return errorOfCode(errorCode, topic, partition)
    const [bounds] = await session.bounds([partition])
    const position = positions.get(partition)!
    if (bounds === undefined || (position >= bounds.earliest && position <= bounds.latest)) {
      return new Passing(`the leader does not hold offset ${position} yet (${topic}, partition ${partition})`)
    }
    const held = `${bounds.earliest} to ${bounds.latest} (exclusive)`
    const message = `offset ${position} of ${topic}, partition ${partition}, is wanted, but the topic holds ${held}`
    return new MillraceError('ENG_KAFKA_OFFSETS_LOST', message, { topic, partition, offset: position })
  }

  /** Runs `work` on a session that works, as often as it takes. */
  async #retry<T>(signal: AbortSignal, work: (session: KafkaSession) => Promise<T>): Promise<T> {
    let missing = 0
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await unlessAborted(this.#withSession(work), signal)
        if (this.#troubled && this.#session !== undefined) {
          this.#troubled = false
          this.#options.onTrouble(undefined)
        }
        return result
      } catch (thrown) {
        const error = this.#meaning(thrown)
        if (!(error instanceof Passing)) throw error
        if (error instanceof TopicMissing && this.#plan.whenMissing === 'fail') missing++
        if (signal.aborted || missing >= MISSING_TRIES) throw this.#gaveUp(error)
        this.#trouble(error)
        const delay_ms = Math.min(RETRY_DELAY_MS * 2 ** attempt, RETRY_DELAY_MS_MAX)
        await sleep(delay_ms, undefined, { signal }).catch(() => {
          throw this.#gaveUp(error)
        })
      }
    }
  }

  async #withSession<T>(work: (session: KafkaSession) => Promise<T>): Promise<T> {
    if (this.#session !== undefined) return work(this.#session)
    const session = new KafkaSession(this.#brokers, this.#plan.clientId, this.#plan.topic)
    try {
      await session.open()
      this.#checkTopicId(session.topicId)
    } catch (error) {
      session.close()
      throw error
    }
    this.#session = session
    this.#brokers = [...new Set([...this.#plan.brokers, ...session.knownBrokers()])]
    return work(session)
  }

  #checkTopicId(topicId: string | undefined): void {
    if (this.#topicId !== undefined && topicId !== undefined && topicId !== this.#topicId) {
      const { topic } = this.#plan
      const message = `topic ${topic} was deleted and created again while it was read`
      throw new MillraceError('ENG_KAFKA_TOPIC_RECREATED', message, { topic })
    }
    this.#topicId = topicId ?? this.#topicId
  }

  /**
   * Tells people, and drops the connections: kafkajs keeps half an answer of a connection that was cut in its buffer
   * and would read the next connection's bytes as its rest.
   */
  #trouble(error: Passing): void {
    this.#troubled = true
    this.#session?.close()
    this.#session = undefined
    this.#options.onTrouble(`${error.message}; trying again`)
  }

  #meaning(thrown: unknown): Error {
    return errorOfClient(thrown, this.#plan.topic, this.#plan.brokers)
  }

  #gaveUp(last: Error): MillraceError {
    const { topic } = this.#plan
    const code = last instanceof TopicMissing ? 'ENG_KAFKA_TOPIC_UNKNOWN' : 'ENG_KAFKA_UNREACHABLE'
    return new MillraceError(code, last.message, { topic, cause: last })
  }
}

/** The promise's outcome, or a passing error as soon as the signal fires: connecting may take longer than we want to. */
const unlessAborted = async <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> => {
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new Passing('reading was interrupted'))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop)
    promise.catch(() => undefined)
  }
}
