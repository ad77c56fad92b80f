import { assert, asMillraceError, MillraceError } from '../../core/errors/index.ts'
import type { Positions } from '../../core/positions.ts'
import type { ConsumptionPlan, SourcePlan, StreamPlan } from '../../plan/consumption-plan.ts'
import { openSource } from '../../sources/open-source.ts'
import type { SourceOptions, SourceReader } from '../../sources/port.ts'
import type { Feed, FeedBatch, FeedEvents, FeedRequest, FeedStart } from '../feed-port.ts'
import type { Segment } from '../segment.ts'
import { Budget } from './budget.ts'
import { asMap, Channel } from './channel.ts'
import { Lending } from './lending.ts'
import { Pump } from './pump.ts'
import { RunDecoder } from './run-decoder.ts'
import { Signal } from './signal.ts'
import { type Committed, startPositions } from './start-positions.ts'
import { StreamDecoder } from './stream-decoder.ts'

export type OpenSource = (plan: SourcePlan, options: SourceOptions) => SourceReader

/** A feed in this thread. In production it runs in a worker (`feed-worker.ts`), behind `createFeedWorker`. */
export const createFeed = (events: FeedEvents, open: OpenSource = openSource): Feed => new LocalFeed(events, open)

class LocalFeed implements Feed {
  readonly #events: FeedEvents
  readonly #openSource: OpenSource
  readonly #abort = new AbortController()
  readonly #changed = new Signal()
  #budget = new Budget(0, 0)
  #lending = new Lending(this.#budget)
  #channels: readonly Channel[] = []
  #interrupted = false
  #until: Positions | undefined
  #turn = 0

  constructor(events: FeedEvents, open: OpenSource) {
    this.#events = events
    this.#openSource = open
  }

  async open(plan: ConsumptionPlan, committed: Committed | undefined): Promise<FeedStart> {
    assert(this.#channels.length === 0, 'a feed is opened once')
    this.#budget = new Budget(plan.limits.batch_bytes_max, plan.limits.batch_rows_max)
    this.#lending = new Lending(this.#budget)
    const groups = bySource(plan.streams)
    const topicIds: Record<string, string> = {}
    const channels: Channel[] = []
    for (const streams of groups) {
      const source = this.#openSource(streams[0]!.plan.source, this.#events)
      this.#abort.signal.addEventListener('abort', () => void source.close(), { once: true })
      const info = await source.describe(this.#abort.signal)
      if (info.topicId !== undefined) topicIds[info.topic] = info.topicId
      const { source: from } = streams[0]!.plan
      const start = startPositions(from, info, committed, (message) => this.#events.onTrouble(message))
      const latest = new Map(info.partitions.map((partition) => [partition.partition, partition.latest]))
      const pump = this.#makePump(plan, streams, source, start, groups.length)
      channels.push(new Channel(info.topic, source, pump, start, latest))
    }
    this.#channels = channels
    return { positions: this.#positions(), topicIds, latest: this.#latest() }
  }

  #makePump(
    plan: ConsumptionPlan,
    streams: readonly { readonly index: number; readonly plan: StreamPlan }[],
    source: SourceReader,
    start: ReadonlyMap<number, bigint>,
    sources: number,
  ): Pump {
    const { topic, onDataLoss } = streams[0]!.plan.source
    const { limits } = plan
    const decoders = streams.map((stream) => new StreamDecoder(stream.index, stream.plan, limits))
    const parts = {
      topic,
      onDataLoss,
      source,
      limits,
      sources,
      decoder: new RunDecoder(topic, decoders, limits, this.#lending),
      budget: this.#budget,
      lending: this.#lending,
      changed: this.#changed,
      onTrouble: (message: string | undefined) => this.#events.onTrouble(message),
      signal: this.#abort.signal,
    }
    return new Pump(parts, start)
  }

  async next(request: FeedRequest): Promise<FeedBatch> {
    assert(this.#channels.length > 0, 'a feed is opened before it is read')
    const begun = performance.now()
    this.#interrupted = false
    this.#budget.batch_bytes = request.bytes_max
    this.#budget.batch_rows = request.rows_max
    this.#stopAt(request.until)
    for (const { pump } of this.#channels) pump.start()
    this.#changed.notify()
    await this.#collect(request)
    return this.#batch(request, performance.now() - begun)
  }

  #stopAt(until: Positions | undefined): void {
    if (JSON.stringify(until) === JSON.stringify(this.#until)) return
    this.#until = until
    for (const { topic, pump } of this.#channels) {
      pump.setUntil(until === undefined ? undefined : asMap(until[topic] ?? {}))
    }
  }

  /** Sleeps until a batch is due. */
  async #collect(request: FeedRequest): Promise<void> {
    let deadline: number | undefined
    for (;;) {
      const failed = this.#channels.find(({ pump }) => pump.error !== undefined)
      if (failed !== undefined) throw asMillraceError(failed.pump.error)
      if (this.#abort.signal.aborted) throw new MillraceError('ENG_BUG', 'the feed was closed while it was read')
      if (this.#interrupted || this.#isFull(request) || this.#isRead(request.until)) return
      const hasData = this.#budget.readyBytes > 0
      if (hasData) deadline ??= performance.now() + request.linger_ms
      const left_ms = deadline === undefined ? undefined : deadline - performance.now()
      if (left_ms !== undefined && left_ms <= 0 && !this.#channels.some(({ pump }) => pump.busy)) return
      await this.#changed.wait(left_ms === undefined || left_ms <= 0 ? undefined : left_ms)
    }
  }

  #isFull(request: FeedRequest): boolean {
    return this.#budget.readyBytes >= request.bytes_max || this.#budget.readyRows >= request.rows_max
  }

  #isRead(until: Positions | undefined): boolean {
    return until !== undefined && this.#channels.every((channel) => channel.reached(until, 'read'))
  }

  #batch(request: FeedRequest, wait_ms: number): FeedBatch {
    const start = this.#positions()
    const segments = this.#take(request)
    const { until } = request
    const done = until !== undefined && this.#channels.every((channel) => channel.reached(until, 'taken'))
    const phases_ms = { fetch: 0, scan: 0, wait: wait_ms }
    for (const { pump } of this.#channels) {
      phases_ms.fetch += pump.fetch_ms
      phases_ms.scan += pump.scan_ms
      pump.fetch_ms = 0
      pump.scan_ms = 0
    }
    this.#changed.notify()
    return { start, end: this.#positions(), latest: this.#latest(), segments, done, phases_ms }
  }

  /** Takes entries from the sources in turn, at least one with a segment where there is one, at most what was asked for. */
  #take(request: FeedRequest): Segment[] {
    const segments: Segment[] = []
    let bytes = 0
    let rows = 0
    const fits = (channel: Channel): boolean => {
      const entry = channel.pump.ready[0]
      if (entry === undefined) return false
      if (entry.segments.length === 0 || segments.length === 0) return true
      return bytes + entry.bytes <= request.bytes_max && rows + entry.rows <= request.rows_max
    }
    for (let idle = 0; idle < this.#channels.length; ) {
      const channel = this.#channels[this.#turn++ % this.#channels.length]!
      if (!fits(channel)) {
        idle++
        continue
      }
      idle = 0
      const entry = channel.take()!
      bytes += entry.bytes
      rows += entry.rows
      for (const segment of entry.segments) this.#lending.lend(segment)
      segments.push(...entry.segments)
    }
    return segments.sort(inOrder)
  }

  interrupt(): void {
    this.#interrupted = true
    this.#changed.notify()
  }

  release(segmentIds: readonly number[]): void {
    for (const id of segmentIds) this.#lending.takeBack(id)
    this.#changed.notify()
  }

  async acknowledge(positions: Positions): Promise<void> {
    const acknowledged = this.#channels.map(({ topic, source }) =>
      source.acknowledge([...asMap(positions[topic] ?? {})].map(([partition, position]) => ({ partition, position }))),
    )
    await Promise.allSettled(acknowledged)
  }

  async close(): Promise<void> {
    this.#abort.abort()
    this.#changed.notify()
    await Promise.all(this.#channels.map(({ pump }) => pump.stopped()))
    await Promise.all(this.#channels.map(({ source }) => source.close()))
  }

  #positions(): Positions {
    return Object.fromEntries(this.#channels.map((channel) => [channel.topic, channel.positions()]))
  }

  #latest(): Positions {
    return Object.fromEntries(this.#channels.map((channel) => [channel.topic, channel.latest()]))
  }
}

const inOrder = (a: Segment, b: Segment): number =>
  a.stream - b.stream || a.partition - b.partition || (a.start < b.start ? -1 : 1)

/** Streams that read the same source share it: a topic has one position. */
const bySource = (streams: readonly StreamPlan[]): { readonly index: number; readonly plan: StreamPlan }[][] => {
  const groups = new Map<string, { readonly index: number; readonly plan: StreamPlan }[]>()
  streams.forEach((plan, index) => {
    const group = groups.get(plan.source.topic) ?? []
    const other = group[0]?.plan
    if (other !== undefined && JSON.stringify(other.source) !== JSON.stringify(plan.source)) {
      const message = `streams ${other.name} and ${plan.name} read topic ${plan.source.topic} with different options`
      throw new MillraceError('ENG_SQL_UNSUPPORTED', message, { topic: plan.source.topic })
    }
    group.push({ index, plan })
    groups.set(plan.source.topic, group)
  })
  return [...groups.values()]
}
