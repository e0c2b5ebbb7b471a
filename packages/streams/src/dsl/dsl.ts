import type { Graph } from '../graph/graph.ts'
import type { Window } from '../windows/windows.ts'
import type { JoinedStream } from './joins/joined-stream.ts'
import type { StreamParts, TableParts } from './parts.ts'
import type { Startable } from './startable.ts'
import type { GroupedStream } from './stream/grouped-stream.ts'
import type { Stream } from './stream/stream.ts'
import type { GroupedTable } from './table/grouped-table.ts'
import type { Table } from './table/table.ts'
import type { WindowedStream } from './windowed/windowed-stream.ts'
import type { WindowedTable } from './windowed/windowed-table.ts'

/** Makes the results of the operators. The classes import only this and not one another. */
export interface Dsl {
  stream<K, V>(parts: StreamParts): Stream<K, V>
  joined<K, L, R>(parts: StreamParts): JoinedStream<K, L, R>
  /** @param name the name of its internal topic, which is then not shared */
  grouped<K, V>(parts: StreamParts, name?: string): GroupedStream<K, V>
  windowed<K, V, W extends Window>(parts: StreamParts, window: W): WindowedStream<K, V, W>
  table<K, V>(parts: TableParts): Table<K, V>
  windowedTable<K, V>(parts: TableParts, source: StreamParts): WindowedTable<K, V>
  groupedTable<K, V>(parts: StreamParts, name?: string): GroupedTable<K, V>
  /** Makes the result of a terminal operator. */
  startable(graph: Graph): Startable
}
