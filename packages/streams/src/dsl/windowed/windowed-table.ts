import { peekProcessor } from '../../processors/stateless.ts'
import type { Windowed } from '../../windows/windowed.ts'
import type { Dsl } from '../dsl.ts'
import type { StreamParts, TableParts } from '../parts.ts'
import type { Startable } from '../startable.ts'
import type { Stream } from '../stream/stream.ts'
import { Table } from '../table/table.ts'
import { namedOptions, optionsOf } from '../operator-options.ts'
import type { Named } from '../types.ts'

/** The result of one window, for `forEach`. */
export interface WindowResult<V> {
  /** Null if the window's result was removed, for example for a session that became part of a longer one. */
  readonly value: V
  /** Milliseconds since the epoch. */
  readonly start: number
  readonly end: number
}

/** A table by key and window. */
export class WindowedTable<in out K, in out V> extends Table<Windowed<K>, V> {
  readonly #source: StreamParts

  /** @internal it comes from an aggregation of windows */
  constructor(dsl: Dsl, parts: TableParts, source: StreamParts) {
    super(dsl, parts)
    this.#source = source
  }

  /** Calls a function with each result: `forEach((key, { value, start, end }) => …)`. */
  override forEach(act: (key: K, window: WindowResult<V>) => void, options?: Named): Startable
  /** Nobody can call this overload. It makes a windowed table assignable to a table. */
  override forEach(this: never, act: (key: never, window: never) => void, options?: Named): Startable
  override forEach(act: (key: never, window: never) => void, options: Named = {}): Startable {
    const { name } = optionsOf('forEach', namedOptions, options)
    const { graph, node } = this.parts
    const tell = act as (key: K, window: WindowResult<V>) => void
    const build = peekProcessor('forEach', (value, windowed) => {
      const { key, start, end } = windowed as Windowed<K>
      return tell(key, { value: value as V, start, end })
    })
    graph.whole.processor({ operator: 'forEach', name, inputs: [node], build })
    return this.dsl.startable(graph.whole)
  }

  /** A stream of the records that were too late for all of their windows. */
  late<V2 = unknown>(): Stream<K, V2> {
    const { graph, node } = this.parts
    return this.dsl.stream({ ...this.#source, node: graph.whole.late(node) })
  }
}
