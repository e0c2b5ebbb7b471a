import { json, type TopicDefinition } from '@kafkado/core'
import { filterProcessor, mapProcessor, mapValuesProcessor, peekProcessor } from '../../processors/stateless.ts'
import type { BuildProcessor } from '../../processors/processor.ts'
import type { Pair } from './joins.ts'
import type { Dsl } from '../dsl.ts'
import type { StreamParts } from '../parts.ts'
import type { Startable } from '../startable.ts'
import type { Stream } from '../stream/stream.ts'
import { type PrintOptions, printTo, recordText } from '../stream/print.ts'
import type { ToOptions } from '../stream/stream-options.ts'
import { writeTo } from '../stream/to.ts'
import { namedOptions, optionsOf } from '../operator-options.ts'
import type { Named, Synchronous } from '../types.ts'

/**
 * The result of a join: pairs of values, and the key. Its operators call functions with the left value, the right value
 * and the key.
 */
export class JoinedStream<in out K, in out L, in out R> {
  readonly #dsl: Dsl
  readonly #parts: StreamParts

  /** @internal it comes from a join */
  constructor(dsl: Dsl, parts: StreamParts) {
    this.#dsl = dsl
    this.#parts = parts
  }

  filter(predicate: (left: L, right: R, key: K) => boolean, options: Named = {}): JoinedStream<K, L, R> {
    return this.#dsl.joined(this.#next('filter', options, filterProcessor('filter', spread(predicate))))
  }

  /** Combines the two values into one; or into key and value, by `keyValue(key, value)`. The key counts as changed. */
  map<V>(map: ((left: L, right: R, key: K) => V) & Synchronous<V>, options: Named = {}): Stream<K, V> {
    const parts = this.#next('map', options, mapProcessor(spread(map)))
    return this.#dsl.stream({ ...parts, value: json(), isRekeyed: true })
  }

  /** Combines the two values into one and keeps the key. */
  mapValues<V>(map: ((left: L, right: R, key: K) => V) & Synchronous<V>, options: Named = {}): Stream<K, V> {
    const parts = this.#next('mapValues', options, mapValuesProcessor(spread(map)))
    return this.#dsl.stream({ ...parts, value: json() })
  }

  peek(look: (left: L, right: R, key: K) => void, options: Named = {}): JoinedStream<K, L, R> {
    return this.#dsl.joined(this.#next('peek', options, peekProcessor('peek', spread(look))))
  }

  /** Makes a stream of `{ left, right }`, for the operators of streams. */
  toStream(options: Named = {}): Stream<K, { left: L; right: R }> {
    return this.mapValues((left: L, right: R) => ({ left, right }), optionsOf('toStream', namedOptions, options))
  }

  /** Calls a function with each pair. A crash may repeat a call. */
  forEach(act: (left: L, right: R, key: K) => void, options: Named = {}): Startable {
    this.#next('forEach', options, peekProcessor('forEach', spread(act)))
    return this.#dsl.startable(this.#parts.graph.whole)
  }

  /**
   * Writes a line for each pair, `[label]: key, {"left":…,"right":…}`, to look at a join. A crash may repeat a line.
   * Kafka: KStream.print, Printed.
   */
  print(options: PrintOptions<(left: L, right: R, key: K) => string> = {}): Startable {
    printTo(this.#parts, options, (map = pairText) => spread(map))
    return this.#dsl.startable(this.#parts.graph.whole)
  }

  /** Writes `{ left, right }` to a topic. */
  to(
    topic: string | TopicDefinition<{ left: L; right: R }, string>,
    options: ToOptions<K, { left: L; right: R }> = {},
  ): Startable {
    writeTo(this.toStream().parts, topic, options as ToOptions<unknown, unknown>)
    return this.#dsl.startable(this.#parts.graph.whole)
  }

  #next(operator: string, options: Named, build: BuildProcessor): StreamParts {
    const { name } = optionsOf(operator, namedOptions, options)
    const { graph, node } = this.#parts
    return { ...this.#parts, node: graph.whole.processor({ operator, name, inputs: [node], build }) }
  }
}

function pairText(left: unknown, right: unknown, key: unknown): string {
  return recordText({ left, right }, key)
}

function spread<L, R, K, T>(act: (left: L, right: R, key: K) => T): (value: unknown, key: unknown) => T {
  return (value, key) => act((value as Pair)[0] as L, (value as Pair)[1] as R, key as K)
}
