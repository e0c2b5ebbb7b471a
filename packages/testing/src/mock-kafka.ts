import {
  AdjustableClock,
  type AnyOperation,
  type Clock,
  intercept,
  type KafkaRecord,
  type Message,
  type RequestOf,
  type ResponseOf,
  type Runtime,
  seededRandom,
  type SendOptions,
  type TopicLike,
  type Transport,
} from '@kafkado/core'
import {
  allCommittedOffsets,
  type CommittedOffset,
  makeRecordsComplete,
  topicDefinitionOf,
} from '@kafkado/core/internal'
import { memory } from '@kafkado/broker'
import { KafkaClient } from '@kafkado/client'
import { Faults } from './faults.ts'
import { RecordMirror } from './record-mirror.ts'
import { releasedClock } from './released-clock.ts'
import { closedWhileWaiting, waitForMessages, type WaitForMessagesOptions } from './wait-for-messages.ts'

export interface MockKafkaOptions<C extends Clock = AdjustableClock> {
  /**
   * Default: a clock that runs with the real time and can be advanced. A `ManualClock` stands still until the test
   * advances it.
   */
  clock?: C
  /** Where chance begins, so that a run can be repeated. Default 1. */
  seed?: number
}

/**
 * A KafkaClient on an engine in memory of its own, for tests: the same code as in production, without sockets, files or
 * set-up. It is a transport too, for code that uses the layers alone: `createProducer(mock, 'orders')`. Close it when
 * the test is over; consumers and streams of one that was forgotten do not keep the process alive.
 *
 * Fake timers of a test runner do not stop it: its producers and consumers go by {@link MockKafka.clock}, which has the
 * timers that were there before `vi.useFakeTimers()` or `jest.useFakeTimers()` was called. A fake `Date` is the time of
 * day by which records are stamped. Of timers that are fake before the first import it gets no others, so install them
 * in the test or in `beforeEach` and not by the configuration of the runner. With jest leave `nextTick` alone where
 * records are compressed: `jest.useFakeTimers({ doNotFake: ['nextTick'] })`.
 *
 * Records that this process reads from then on have key, value and headers as fields of their own, so that spread and
 * structuredClone copy them.
 */
export function createMockKafka<C extends Clock = AdjustableClock>(options: MockKafkaOptions<C> = {}): MockKafka<C> {
  return new MockKafka(options)
}

/** See {@link createMockKafka}. */
export class MockKafka<C extends Clock = AdjustableClock> extends KafkaClient implements Transport {
  /** The time of the client and of the engine. */
  readonly clock: C
  /** What is to go wrong. */
  readonly faults: Faults
  /** The clock and the chance of whoever uses the mock as a transport, such as `createProducer(mock, 'orders')`. */
  readonly runtime: Runtime
  readonly #engine: Transport
  readonly #transport: Transport
  readonly #mirror: RecordMirror
  readonly #closed = new AbortController()

  /** @internal use {@link createMockKafka} */
  constructor({ clock = new AdjustableClock() as Clock as C, seed = 1 }: MockKafkaOptions<C>) {
    const runtime = { clock: releasedClock(clock), random: seededRandom(seed) }
    const [faults, mirror] = [new Faults(runtime), new RecordMirror()]
    const engine = memory({ runtime })
    const transport = intercept(engine, faults.interceptor, mirror.interceptor)
    super(transport, runtime)
    makeRecordsComplete()
    this.clock = clock
    this.runtime = runtime
    this.#engine = engine
    this.#transport = transport
    this.faults = faults
    this.#mirror = mirror
  }

  /**
   * Carries out an operation, as every transport does; the faults apply, and {@link getMessages} sees what it writes.
   */
  send<O extends AnyOperation>(operation: O, request: RequestOf<O>, options?: SendOptions): Promise<ResponseOf<O>> {
    return this.#transport.send(operation, request, options)
  }

  /** Writes records to a topic, as values or messages. */
  async seed<V, K = string>(topic: TopicLike<V, K>, records: readonly V[] | readonly Message<V, K>[]): Promise<void> {
    const producer = this.producer(topic)
    await producer.sendBatch(records as readonly Message<V, K>[])
    await producer.close()
  }

  /**
   * What was written to a topic so far, by whatever went through the mock, as a client or as a transport; in the order
   * of acknowledgement. What a transaction writes is there once it is committed.
   *
   * @param topic a definition reads keys and values by its serdes, a name reads them as JSON
   */
  getMessages<V = unknown, K = string>(topic: TopicLike<V, K>): KafkaRecord<V, K>[] {
    return this.#mirror.records(topic)
  }

  /**
   * Waits until a topic has the messages that are wanted, such as those which the code under test writes in its own
   * time.
   *
   * ```ts
   * await kafka.waitForMessages('invoices', { count: 2 })
   * const [paid] = await kafka.waitForMessages<Invoice>('invoices', { match: ({ value }) => value.paid })
   * ```
   *
   * @returns what {@link getMessages} gives then, without what does not `match`
   * @throws TimeoutError that says what was wanted and what the topic has; the reason of `signal`;
   *   InvalidRequestError for an option that is not valid; what `match` throws
   */
  waitForMessages<V = unknown, K = string>(
    topic: TopicLike<V, K>,
    options: WaitForMessagesOptions<V, K> = {},
  ): Promise<KafkaRecord<V, K>[]> {
    const source = {
      topic: topicDefinitionOf(topic).name,
      clock: this.clock,
      closed: this.#closed.signal,
      messages: () => this.getMessages(topic),
      listen: (listener: () => void) => this.#mirror.listen(listener),
    }
    return waitForMessages(source, options)
  }

  override async close(): Promise<void> {
    await super.close()
    this.#closed.abort(closedWhileWaiting())
  }

  /** @internal What a group has committed; no fault happens to the request. */
  committedOffsets(group: string): Promise<CommittedOffset[]> {
    return allCommittedOffsets(this.#engine, group)
  }
}
