import type { TopicLike } from '@kafkado/core'
import type { Producer } from '@kafkado/producer'

/** The most idle producers to keep. */
const mostIdle = 100

/**
 * Shares one producer among all single records of a topic. Each topic definition gets a producer of its own, with its
 * serdes.
 */
export class SharedProducers {
  readonly #make: (topic: TopicLike<never, never>) => Producer<never, never>
  /** The most recently used producer is last. */
  readonly #producers = new Map<unknown, Producer<never, never>>()

  constructor(make: (topic: TopicLike<never, never>) => Producer<never, never>) {
    this.#make = make
  }

  /** @throws InvalidRequestError when the topic has no valid name */
  of<V, K>(topic: TopicLike<V, K>): Producer<V, K> {
    const producer = this.#producers.get(topic) ?? this.#make(topic as TopicLike<never, never>)
    this.#producers.delete(topic)
    if (this.#producers.size >= mostIdle) this.#letGo()
    this.#producers.set(topic, producer)
    return producer as unknown as Producer<V, K>
  }

  /** A producer that still delivers stays, or a new one for its topic would overtake it. */
  #letGo(): void {
    for (const [topic, producer] of this.#producers) {
      if (producer.metrics().bufferedBytes > 0) continue
      this.#producers.delete(topic)
      void producer.close()
      if (this.#producers.size < mostIdle) return
    }
  }
}
