import { peekProcessor } from '../../processors/stateless.ts'
import type { Dsl } from '../dsl.ts'
import { namedOptions, optionsOf } from '../operator-options.ts'
import type { StreamParts } from '../parts.ts'
import type { Startable } from '../startable.ts'
import type { Named } from '../types.ts'
import { valueFunction } from '../value-function.ts'
import { type PrintOptions, printTo, recordText } from './print.ts'
import type { ChooseTopic, OutputTopic, Select, ToOptions } from './stream-options.ts'
import { branchTo, writeTo } from './to.ts'

/** The part of {@link Stream} that ends it: operators without further records. */
export class EndingStream<in out K, in out V> {
  /** @internal */
  readonly dsl: Dsl
  /** @internal */
  readonly parts: StreamParts
  // The types are part of the stream, so that a stream with other keys cannot replace it.
  declare readonly types: { key: K; value: V; take(key: K): void }

  /** @internal it comes from a StreamsBuilder or another stream */
  constructor(dsl: Dsl, parts: StreamParts) {
    this.dsl = dsl
    this.parts = parts
  }

  /**
   * Writes each record to the topic of the first matching predicate. A record without a match is counted and dropped.
   */
  branch(
    branches: readonly (readonly [predicate: Select<K, V, boolean>, topic: OutputTopic<K, V>])[],
    options: Named = {},
  ): Startable {
    const { name } = optionsOf('branch', namedOptions, options)
    branchTo(this.parts, branches, name)
    return this.dsl.startable(this.parts.graph.whole)
  }

  /**
   * Writes to a topic, or to the topic that a function chooses for each record. A chosen topic must exist, or the
   * server must create it on request; otherwise the application ends with an error that names the topic. Kafka:
   * KStream.to, TopicNameExtractor.
   *
   * @param topic by name, for string keys and JSON values; or by a definition with serdes
   */
  to(topic: OutputTopic<K, V> | ChooseTopic<K, V>, options: ToOptions<K, V> = {}): Startable {
    writeTo(this.parts, topic, options as ToOptions<unknown, unknown>)
    return this.dsl.startable(this.parts.graph.whole)
  }

  /** Calls a function with each record. A crash may repeat a call. */
  forEach(act: Select<K, V, void>, options: Named = {}): Startable {
    const { name } = optionsOf('forEach', namedOptions, options)
    const { graph, node } = this.parts
    const build = peekProcessor('forEach', valueFunction(act))
    graph.whole.processor({ operator: 'forEach', name, inputs: [node], build })
    return this.dsl.startable(graph.whole)
  }

  /**
   * Writes a line for each record, `[label]: key, value`, to look at a stream. A crash may repeat a line. Kafka:
   * KStream.print, Printed.
   */
  print(options: PrintOptions<Select<K, V, string>> = {}): Startable {
    printTo(this.parts, options, (map) => (map ? valueFunction(map) : recordText))
    return this.dsl.startable(this.parts.graph.whole)
  }
}
