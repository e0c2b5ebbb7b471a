import { type Clock, intercept, type KafkaRecord, type Message, seededRandom, type TopicLike } from '@kafkado/core'
import { AdjustableClock, topicDefinitionOf } from '@kafkado/core/internal'
import { memory } from '@kafkado/broker'
import { KafkaClient } from 'kafkado'
import { Faults } from './faults.ts'
import { RecordMirror } from './record-mirror.ts'

export interface MockKafkaOptions<C extends Clock = AdjustableClock> {
  /** Default: a clock that runs with the real time and can be advanced. A `ManualClock` stands still until the test advances it. */
  clock?: C
  /** Where chance begins, so that a run can be repeated. Default 1. */
  seed?: number
}

/**
 * A KafkaClient on an engine in memory of its own, for tests: the same code as in production, without sockets, files or set-up. Close it
 * when the test is over.
 */
export function createMockKafka<C extends Clock = AdjustableClock>(options: MockKafkaOptions<C> = {}): MockKafka<C> {
  return new MockKafka(options)
}

/** See {@link createMockKafka}. */
export class MockKafka<C extends Clock = AdjustableClock> extends KafkaClient {
  /** The time of the client and of the engine. */
  readonly clock: C
  /** What is to go wrong. */
  readonly faults: Faults
  readonly #mirror: RecordMirror

  /** @internal use {@link createMockKafka} */
  constructor({ clock = new AdjustableClock() as Clock as C, seed = 1 }: MockKafkaOptions<C>) {
    const runtime = { clock, random: seededRandom(seed) }
    const [faults, mirror] = [new Faults(runtime), new RecordMirror()]
    super(intercept(memory({ runtime }), faults.interceptor, mirror.interceptor), runtime)
    this.clock = clock
    this.faults = faults
    this.#mirror = mirror
  }

  /** Writes records to a topic, as values or messages. */
  async seed<V, K = string>(topic: TopicLike<V, K>, records: readonly V[] | readonly Message<V, K>[]): Promise<void> {
    const producer = this.producer(topic)
    await producer.sendBatch(records as readonly Message<V, K>[])
    await producer.close()
  }

  /** What was written to a topic so far, by whatever went through this client; in the order of acknowledgement. */
  getMessages<V = unknown, K = string>(topic: TopicLike<V, K>): KafkaRecord<V, K>[] {
    return this.#mirror.records(topicDefinitionOf(topic).name) as KafkaRecord<V, K>[]
  }
}
