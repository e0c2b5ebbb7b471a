import { type Batch, type Consumer, type ConsumerConfig, createConsumer, topicsWithPrefix } from '@kafkado/consumer'
import { KafkaError, type KafkaRecord } from '@kafkado/core'
import type { Isolation, OffsetOf, PartitionOf, Poll, SetAside } from '../history/record-events.ts'
import type { AsidePlan, CopierPlan, ReaderPlan } from '../plan/client-plans.ts'
import type { ClientProcess } from './client-process.ts'
import { topicWithPoison } from './poison-topic.ts'
import { traitsRead } from './record-traits.ts'
import { textTopic } from './text-topic.ts'
import { valueOf } from './tombstones.ts'

export type ReadRecord = KafkaRecord<string>

/** A consumer of which the history hears everything that its caller sees. */
export class WatchedConsumer {
  readonly name: string
  readonly consumer: Consumer<string>
  readonly #process: ClientProcess
  readonly #group: string | undefined
  readonly #isolation: Isolation
  readonly #closeTimeoutMs: number
  readonly #isParallel: boolean
  #memberId = ''
  #session = 0
  /** What went since records were given out last: it may be back, and others have gone on with it in between. */
  readonly #gone = new Set<string>()

  constructor(
    process: ClientProcess,
    plan: ReaderPlan | CopierPlan,
    config: ConsumerConfig,
    topics: readonly string[],
    prefix?: string,
    aside?: AsidePlan,
  ) {
    const { group, instanceId } = plan
    this.name = process.name
    this.#process = process
    this.#group = group
    this.#isolation = config.isolation ?? 'read_committed'
    this.#closeTimeoutMs = plan.closeTimeoutMs
    this.#isParallel = plan.how === 'parallel'
    const leavesOut = aside?.why === 'invalid'
    const invalid = aside?.deadTopic === undefined ? 'skip' : { deadLetter: aside.deadTopic }
    this.consumer = createConsumer<string>(
      process.transport,
      prefix === undefined
        ? topics.map(leavesOut ? topicWithPoison : textTopic)
        : topicsWithPrefix(prefix, { value: 'string' }),
      {
        ...config,
        ...(leavesOut && { onInvalid: invalid }),
        ...(group === undefined ? {} : { group }),
        ...(instanceId === undefined ? {} : { instanceId }),
        runtime: process.runtime,
        sessionTimeout: plan.sessionTimeoutMs,
        rebalanceTimeout: plan.rebalanceTimeoutMs,
        heartbeatInterval: plan.heartbeatIntervalMs,
        fetchMaxWaitMs: plan.fetchMaxWaitMs,
        maxPartitionFetchBytes: plan.maxPartitionFetchBytes,
        closeTimeout: plan.closeTimeoutMs,
      },
    )
    if (group !== undefined) this.#witness(group, config.autoCommit !== false)
    this.#watch()
    this.consumer.on('invalid', (place) => this.setAside(place, 'invalid', aside?.deadTopic))
  }

  /** A loop begins, which joins anew. */
  begins(): void {
    this.#session++
  }

  polled(records: readonly ReadRecord[], how: Poll['how'], isKept?: boolean): void {
    this.#gone.clear()
    this.#process.tell({
      type: 'poll',
      ...this.#reader,
      session: this.#session,
      isolation: this.#isolation,
      how,
      ...(isKept !== undefined && { isKept }),
      records: records.map((record) => {
        const { topic, partition, offset } = record
        return { topic, partition, offset, value: valueOf(record), ...traitsRead(record) }
      }),
    })
  }

  /** The loop over a filter has it. */
  kept({ topic, partition, offset }: ReadRecord): void {
    this.#process.tell({ type: 'kept', consumer: this.name, session: this.#session, topic, partition, offset })
  }

  /** It counts as processed, and was not. */
  setAside({ topic, partition, offset }: OffsetOf, why: SetAside['why'], deadTopic: string | undefined): void {
    const place = { topic, partition, offset }
    const where = deadTopic === undefined ? {} : { deadTopic }
    this.#process.tell({ type: 'set-aside', ...this.#reader, session: this.#session, why, ...where, ...place })
    if (why === 'handler') this.processed([place])
  }

  processed(records: readonly OffsetOf[]): void {
    const offsets: OffsetOf[] = records.map(({ topic, partition, offset }) => ({ topic, partition, offset }))
    this.#process.tell({ type: 'processed', ...this.#reader, session: this.#session, records: offsets })
  }

  /** Commits a record and all before it. A caller that is told that it failed goes on. */
  async commit(record: ReadRecord): Promise<void> {
    const { topic, partition, offset } = record
    const call = this.#called({ topic, partition, offset: offset + 1 })
    const end = await record.commit().then(
      () => ({ outcome: 'ok' }) as const,
      (error: unknown) => this.#process.failure(error),
    )
    this.#process.tell({ type: 'commit-returned', call, ...end })
  }

  /** Commits a batch as a whole: of several partitions, nobody is told which one was refused. */
  async commitBatch(batch: Batch<string>): Promise<void> {
    const last = new Map<string, OffsetOf>()
    for (const { topic, partition, offset } of batch.records)
      last.set(keyOf({ topic, partition }), { topic, partition, offset: offset + 1 })
    const calls = [...last.values()].map((place) => this.#called(place))
    const { outcome, ...why } = await batch.commit().then(
      () => ({ outcome: 'ok' }) as const,
      (error: unknown) => this.#process.failure(error),
    )
    const told = outcome === 'failed' && calls.length > 1 ? 'unknown' : outcome
    for (const call of calls) this.#process.tell({ type: 'commit-returned', call, outcome: told, ...why })
  }

  #called(place: OffsetOf): number {
    const call = this.#process.world.counters.commitCalls++
    const mayStop = this.#isParallel && ({ mayStopBefore: true } as const)
    const by = { consumer: this.name, group: this.#group ?? '' }
    this.#process.tell({ type: 'commit-called', call, ...by, place, ...mayStop })
    return call
  }

  seek({ topic, partition }: PartitionOf, offset: number): void {
    this.#process.tell({ type: 'seek', ...this.#reader, session: this.#session, topic, partition, offset })
    this.consumer.seek({ topic, partition, offset })
  }

  /**
   * Lets the next call of `next()` give out a record once more, as it was not done with. Of a partition that went,
   * whoever has it now reads it again: if it is back, to move it would be to do once more what others have done.
   */
  goBackTo(record: ReadRecord, before = 0): void {
    if (this.#gone.has(keyOf(record))) return
    try {
      this.seek(record, Math.max(0, record.offset - before))
    } catch (error) {
      if (!KafkaError.is(error)) this.#process.failure(error)
    }
  }

  /** Goes on in all partitions where a time begins. One that could not be asked stays where it is. */
  async goToTime(timestamp: number): Promise<void> {
    for (const { topic, partition } of this.consumer.assignment())
      this.#process.tell({ type: 'seek', ...this.#reader, session: this.#session, topic, partition, timestamp })
    try {
      await this.consumer.seekToTimestamp(timestamp)
      this.#process.tell({ type: 'sought', consumer: this.name })
    } catch (error) {
      this.#process.failure(error)
    }
  }

  close(): Promise<void> {
    return this.#process.closing('consumer', this.#closeTimeoutMs, () => this.consumer.close())
  }

  get #reader() {
    return { consumer: this.name, ...(this.#group === undefined ? {} : { group: this.#group }) }
  }

  #witness(group: string, isAutomatic: boolean): void {
    this.#process.witness(group, {
      consumer: this.name,
      how: isAutomatic ? 'automatic' : 'manual',
      onJoin: (memberId) => {
        this.#memberId = memberId
        this.#session++
      },
    })
  }

  #watch(): void {
    for (const type of ['assigned', 'revoked', 'lost'] as const) {
      this.consumer.on(type, ({ partitions }) => {
        if (type !== 'assigned') for (const partition of partitions) this.#gone.add(keyOf(partition))
        this.#process.tell({
          type,
          ...this.#reader,
          ...(this.#group === undefined ? {} : { memberId: this.#memberId }),
          session: this.#session,
          partitions: partitions.map(({ topic, partition }) => ({ topic, partition })),
        })
      })
    }
  }
}

function keyOf({ topic, partition }: PartitionOf): string {
  return `${topic}/${partition}`
}
