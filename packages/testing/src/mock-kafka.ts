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
import { makeRecordsComplete, topicDefinitionOf } from '@kafkado/core/internal'
import { memory } from '@kafkado/broker'
import { KafkaClient } from '@kafkado/client'
import { Faults } from './faults.ts'
import { RecordMirror } from './record-mirror.ts'

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
 * the test is over.
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
  readonly #transport: Transport
  readonly #mirror: RecordMirror

  /** @internal use {@link createMockKafka} */
  constructor({ clock = new AdjustableClock() as Clock as C, seed = 1 }: MockKafkaOptions<C>) {
    const runtime = { clock, random: seededRandom(seed) }
    const [faults, mirror] = [new Faults(runtime), new RecordMirror()]
    const transport = intercept(memory({ runtime }), faults.interceptor, mirror.interceptor)
    super(transport, runtime)
    makeRecordsComplete()
    this.clock = clock
    this.runtime = runtime
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
   * of acknowledgement.
   */
  getMessages<V = unknown, K = string>(topic: TopicLike<V, K>): KafkaRecord<V, K>[] {
    return this.#mirror.records(topicDefinitionOf(topic).name) as KafkaRecord<V, K>[]
  }
}
