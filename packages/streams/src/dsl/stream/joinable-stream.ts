import type { JoinKind } from '../../processors/stream-join.ts'
import type { JoinedStream } from '../joins/joined-stream.ts'
import type { GlobalJoinOptions, StreamJoinOptions, TableJoinOptions } from '../joins/join-options.ts'
import { joinWith } from '../joins/joins.ts'
import type { GlobalTable } from '../table/global-table.ts'
import type { Table } from '../table/table.ts'
import type { WithoutNull } from '../types.ts'
import { EndingStream } from './ending-stream.ts'
import type { Stream } from './stream.ts'

/** The part of {@link Stream} that joins streams, tables and global tables. */
export class JoinableStream<in out K, in out V> extends EndingStream<K, V> {
  /**
   * Joins another stream within a window of time; or a table or a global table, by looking up a row for each record.
   * The following functions get both values. `on` compares a property of each side; without it, the keys are compared.
   */
  join<R>(other: Stream<K, R>, options: StreamJoinOptions<V, R> & { on?: undefined }): JoinedStream<K, V, R>
  join<R, K2>(
    other: Stream<K2, R>,
    options: StreamJoinOptions<V, R, K, K2> & { on: object },
  ): JoinedStream<string, V, R>
  join<R>(other: Table<WithoutNull<K>, R>, options?: TableJoinOptions<V, R> & { on?: undefined }): JoinedStream<K, V, R>
  join<R, K2>(other: Table<K2, R>, options: TableJoinOptions<V, R, K, K2> & { on: object }): JoinedStream<K2, V, R>
  join<R, K2>(other: GlobalTable<K2, R>, options: GlobalJoinOptions<K, V, K2>): JoinedStream<K, V, R>
  join<K2, R>(other: unknown, options: object = {}): JoinedStream<K2, V, R> {
    return this.#join('inner', other, options)
  }

  /** Like {@link join}, but forwards a record without a match too, with null for the other side. */
  leftJoin<R>(other: Stream<K, R>, options: StreamJoinOptions<V, R> & { on?: undefined }): JoinedStream<K, V, R | null>
  leftJoin<R, K2>(
    other: Stream<K2, R>,
    options: StreamJoinOptions<V, R, K, K2> & { on: object },
  ): JoinedStream<string, V, R | null>
  leftJoin<R>(
    other: Table<WithoutNull<K>, R>,
    options?: TableJoinOptions<V, R> & { on?: undefined },
  ): JoinedStream<K, V, R | null>
  leftJoin<R, K2>(
    other: Table<K2, R>,
    options: TableJoinOptions<V, R, K, K2> & { on: object },
  ): JoinedStream<K2, V, R | null>
  leftJoin<R, K2>(other: GlobalTable<K2, R>, options: GlobalJoinOptions<K, V, K2>): JoinedStream<K, V, R | null>
  leftJoin<K2, R>(other: unknown, options: object = {}): JoinedStream<K2, V, R> {
    return this.#join('left', other, options)
  }

  /** Like {@link join} of streams, but forwards a record of either side without a match too. */
  outerJoin<R>(
    other: Stream<K, R>,
    options: StreamJoinOptions<V, R> & { on?: undefined },
  ): JoinedStream<K, V | null, R | null>
  outerJoin<R, K2>(
    other: Stream<K2, R>,
    options: StreamJoinOptions<V, R, K, K2> & { on: object },
  ): JoinedStream<string, V | null, R | null>
  outerJoin<K2, L, R>(other: unknown, options: object = {}): JoinedStream<K2, L, R> {
    return this.#join('outer', other, options)
  }

  #join<K2, L, R>(kind: JoinKind, other: unknown, options: object): JoinedStream<K2, L, R> {
    return this.dsl.joined(joinWith(kind, this.parts, other, other instanceof JoinableStream, options))
  }
}
