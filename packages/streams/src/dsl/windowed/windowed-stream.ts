import type { SerdeLike } from '@kafkado/core'
import type { Window } from '../../windows/windows.ts'
import type { StreamParts } from '../parts.ts'
import type { Synchronous, WithoutNull } from '../types.ts'
import type { WindowedGroupedStream } from './windowed-grouped-stream.ts'

/** A stream cut into windows, to be grouped: `window(w).groupBy(f)` is `groupBy(f).window(w)`. */
export class WindowedStream<in out K, in out V, in out W extends Window = Window> {
  readonly #parts: StreamParts
  readonly #window: W

  /** @internal it comes from Stream.window */
  constructor(parts: StreamParts, window: W) {
    this.#parts = parts
    this.#window = window
  }

  groupBy<K2>(
    select: ((value: V, key: K) => K2) & Synchronous<K2>,
    options: { key?: SerdeLike<WithoutNull<K2>>; name?: string } = {},
  ): WindowedGroupedStream<WithoutNull<K2>, V, W> {
    const stream = this.#parts.dsl.stream<K, V>(this.#parts)
    return stream.groupBy<K2>(select as never, ...([options] as never)).window(this.#window)
  }

  groupByKey(): WindowedGroupedStream<WithoutNull<K>, V, W> {
    return this.#parts.dsl.grouped<WithoutNull<K>, V>(this.#parts).window(this.#window)
  }
}
