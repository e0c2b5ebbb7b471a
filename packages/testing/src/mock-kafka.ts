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
   * The mock's clock. Default: one that runs with real time and can be advanced. Pass a `ManualClock` for a clock that
   * stands still until the test advances it.
   */
  clock?: C
  /**
   * The seed of the mock's randomness, so that a run can be repeated. Default 1. Change it to try other random faults.
   */
  seed?: number
}

/**
 * A KafkaClient on its own engine in memory, for tests: the same code as in production, without sockets, files or
 * set-up. It is also a transport, for code that uses single layers: `createProducer(mock, 'orders')`. Close it at the
 * end of the test; forgotten consumers and streams do not keep the process alive.
 *
 * A test runner's fake timers do not stop it: its producers and consumers use {@link MockKafka.clock}, whose timers
 * date from before `vi.useFakeTimers()` or `jest.useFakeTimers()`. A fake `Date` sets the time of day for the
 * timestamps of records. If timers are fake before the first import, the mock uses those, so install them in the test
 * or in `beforeEach`, not by the runner's configuration. With jest and compressed records, leave `nextTick` alone:
 * `jest.useFakeTimers({ doNotFake: ['nextTick'] })`.
 *
 * From then on, records in this process have key, value and headers as own fields, so that spread and structuredClone
 * copy them.
 */
export function createMockKafka<C extends Clock = AdjustableClock>(options: MockKafkaOptions<C> = {}): MockKafka<C> {
  return new MockKafka(options)
}

/** See {@link createMockKafka}. */
export class MockKafka<C extends Clock = AdjustableClock> extends KafkaClient implements Transport {
  /** The time of the client and of the engine. */
  readonly clock: C
  /** Failures to inject. */
  readonly faults: Faults
  /** The clock and randomness for code that uses the mock as a transport, such as `createProducer(mock, 'orders')`. */
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
   * Carries out an operation, as every transport does. Faults apply, and {@link getMessages} sees the written records.
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
   * The records written to a topic so far through the mock, as a client or as a transport, in the order of
   * acknowledgement. Records of a transaction appear once it is committed.
   *
   * @param topic a definition reads keys and values by its serdes, a name reads them as JSON
   */
  getMessages<V = unknown, K = string>(topic: TopicLike<V, K>): KafkaRecord<V, K>[] {
    return this.#mirror.records(topic)
  }

  /**
   * Waits until a topic has the wanted messages, for code under test that writes in its own time.
   *
   * ```ts
   * await kafka.waitForMessages('invoices', { count: 2 })
   * const [paid] = await kafka.waitForMessages<Invoice>('invoices', { match: ({ value }) => value.paid })
   * ```
   *
   * @returns the messages as {@link getMessages} gives them, only those that `match`
   * @throws TimeoutError that tells what was wanted and what the topic has; the reason of `signal`; InvalidRequestError
   *   for an invalid option; an error of `match`
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

  /** @internal The committed offsets of a group; this request is exempt from faults. */
  committedOffsets(group: string): Promise<CommittedOffset[]> {
    return allCommittedOffsets(this.#engine, group)
  }
}
