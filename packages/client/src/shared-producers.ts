import type { TopicLike } from '@kafkado/core'
import type { Producer } from '@kafkado/producer'

/** More producers than this are not kept while they have nothing to do. */
const mostIdle = 100

/** One producer for all single records of a topic; one with a definition of its own writes with that one's serdes. */
export class SharedProducers {
  readonly #make: (topic: TopicLike<never, never>) => Producer<never, never>
  /** The one that was used last comes last. */
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

  /** One that still delivers stays: another one for its topic would overtake it. */
  #letGo(): void {
    for (const [topic, producer] of this.#producers) {
      if (producer.metrics().bufferedBytes > 0) continue
      this.#producers.delete(topic)
      void producer.close()
      if (this.#producers.size < mostIdle) return
    }
  }
}
