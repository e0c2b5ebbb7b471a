import { InvalidRequestError } from '@kafkado/core'
import { peekProcessor } from '../processors/stateless.ts'
import type { Window } from '../windows/windows.ts'
import type { Windowed } from '../windows/windowed.ts'
import type { StreamParts, TableParts } from './parts.ts'
import type { Startable } from './startable.ts'
import type { Stream } from './stream.ts'
import { limitsOf, type SuppressBuffer } from './suppression.ts'
import { Table } from './table.ts'

/** The result of one window, as `forEach` is given it. */
export interface WindowResult<V> {
  /** Null where the window's result was removed, such as a session that became part of a longer one. */
  readonly value: V
  /** Milliseconds since the epoch. */
  readonly start: number
  readonly end: number
}

/** A table by key and window. */
export class WindowedTable<in out K, in out V> extends Table<Windowed<K>, V> {
  readonly #source: StreamParts
  readonly #window: Window

  /** @internal it comes from an aggregation of windows */
  constructor(parts: TableParts, source: StreamParts, window: Window) {
    super(parts)
    this.#source = source
    this.#window = window
  }

  /** Does something with each result: `forEach((key, { value, start, end }) => …)`. */
  override forEach(act: (key: K, window: WindowResult<V>) => void): Startable
  /** @internal as the table that it also is */
  override forEach(act: (key: never, window: never) => void): Startable
  override forEach(act: (key: never, window: never) => void): Startable {
    const { dsl, graph, node } = this.parts
    const build = peekProcessor('forEach', (value, windowed) => {
      const { key, start, end } = windowed as Windowed<never>
      return act(key, { value, start, end } as never)
    })
    graph.whole.processor({ operator: 'forEach', inputs: [node], build })
    return dsl.startable(graph.whole)
  }

  /**
   * Hands on one result for each window, when it is closed. `emit: 'final'` of the window does the same with less work. When more windows are open than the limits
   * say, the application ends with the error BUFFER_FULL: a result that is handed on early would not be final. Kafka: Suppressed.untilWindowCloses, with
   * shutDownWhenFull.
   */
  untilWindowCloses(options: SuppressBuffer = {}): Table<Windowed<K>, V> {
    const window = this.#window
    if (window.type === 'unlimited')
      throw new InvalidRequestError('untilWindowCloses: an unlimited window is never closed')
    // The last moment of a sliding or session window belongs to it, so it is over one millisecond later.
    const holdMs =
      window.type === 'session'
        ? window.graceMs + window.gapMs + 1
        : window.graceMs + (window.type === 'sliding' ? 1 : 0)
    const limits = limitsOf(this.parts, 'untilWindowCloses', options, 'shut-down')
    const timeOf = (key: unknown): number => (key as Windowed<K>).end
    return this.hold({ holdMs, timeOf, dropsTombstones: true, limits }, options.name)
  }

  /** The records that came too late for any of their windows. */
  late<V2 = unknown>(): Stream<K, V2> {
    const { dsl, graph, node } = this.parts
    return dsl.stream({ ...this.#source, node: graph.whole.late(node) })
  }
}
