import type { Graph } from '../graph/graph.ts'
import type { Window } from '../windows/windows.ts'
import { GroupedStream } from './stream/grouped-stream.ts'
import { GroupedTable } from './table/grouped-table.ts'
import { JoinedStream } from './joins/joined-stream.ts'
import type { Dsl } from './dsl.ts'
import type { StreamParts, TableParts } from './parts.ts'
import type { Startable } from './startable.ts'
import { Stream } from './stream/stream.ts'
import { Table } from './table/table.ts'
import { WindowedStream } from './windowed/windowed-stream.ts'
import { WindowedTable } from './windowed/windowed-table.ts'

/** Imports all the classes, so that they need not import one another. */
export function dslOf(startable: (graph: Graph) => Startable): Dsl {
  const dsl: Dsl = {
    startable,
    stream: <K, V>(parts: StreamParts) => new Stream<K, V>(dsl, parts),
    joined: <K, L, R>(parts: StreamParts) => new JoinedStream<K, L, R>(dsl, parts),
    grouped: <K, V>(parts: StreamParts, name?: string) => new GroupedStream<K, V>(dsl, parts, name),
    windowed: <K, V, W extends Window>(parts: StreamParts, window: W) =>
      new WindowedStream<K, V, W>(dsl, parts, window),
    table: <K, V>(parts: TableParts) => new Table<K, V>(dsl, parts),
    windowedTable: <K, V>(parts: TableParts, source: StreamParts) => new WindowedTable<K, V>(dsl, parts, source),
    groupedTable: <K, V>(parts: StreamParts, name?: string) => new GroupedTable<K, V>(dsl, parts, name),
  }
  return dsl
}
