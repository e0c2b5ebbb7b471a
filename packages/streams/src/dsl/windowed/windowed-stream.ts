import type { SerdeLike } from '@kafkado/core'
import type { Window } from '../../windows/windows.ts'
import type { Dsl } from '../dsl.ts'
import type { StreamParts } from '../parts.ts'
import { groupedBy } from '../stream/grouped-by.ts'
import { type GroupingOptions, keyOptions, optionsOf } from '../operator-options.ts'
import type { Synchronous, WithoutNull } from '../types.ts'
import { valueFunction } from '../value-function.ts'
import type { WindowedGroupedStream } from './windowed-grouped-stream.ts'

/** A stream cut into windows, to group next: `window(w).groupBy(f)` is `groupBy(f).window(w)`. */
export class WindowedStream<in out K, in out V, in out W extends Window = Window> {
  readonly #dsl: Dsl
  readonly #parts: StreamParts
  readonly #window: W

  /** @internal it comes from Stream.window */
  constructor(dsl: Dsl, parts: StreamParts, window: W) {
    this.#dsl = dsl
    this.#parts = parts
    this.#window = window
  }

  groupBy<K2>(
    select: ((value: V, key: K) => K2) & Synchronous<K2>,
    options: { key?: SerdeLike<WithoutNull<K2>>; name?: string } = {},
  ): WindowedGroupedStream<WithoutNull<K2>, V, W> {
    const { key, name } = optionsOf('groupBy', keyOptions, options as GroupingOptions)
    const parts = groupedBy(this.#parts, valueFunction(select), { key, name })
    return this.#dsl.grouped<WithoutNull<K2>, V>(parts, name).window(this.#window)
  }

  groupByKey(): WindowedGroupedStream<WithoutNull<K>, V, W> {
    return this.#dsl.grouped<WithoutNull<K>, V>(this.#parts).window(this.#window)
  }
}
