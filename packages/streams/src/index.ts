export { createStreamsBuilder } from './create-streams-builder.ts'
export { CogroupedStream } from './dsl/stream/cogrouped-stream.ts'
export { type ForeignKeyJoinOptions } from './dsl/joins/foreign-key-join.ts'
export { GlobalTable } from './dsl/table/global-table.ts'
export { GroupedStream } from './dsl/stream/grouped-stream.ts'
export { GroupedTable } from './dsl/table/grouped-table.ts'
export type { EndingStream } from './dsl/stream/ending-stream.ts'
export type { JoinableStream } from './dsl/stream/joinable-stream.ts'
export { JoinedStream } from './dsl/joins/joined-stream.ts'
export { type GlobalJoinOptions, type StreamJoinOptions, type TableJoinOptions } from './dsl/joins/join-options.ts'
export { type JoinOn } from './dsl/joins/key-path.ts'
export type { ForwardOptions } from './dsl/processor-api/forwarding.ts'
export type { GlobalProcessor, GlobalProcessorContext, GlobalStoreOptions } from './dsl/processor-api/global-store.ts'
export type { OperatorContext } from './dsl/processor-api/operator-context.ts'
export type {
  ProcessorSessionStore,
  ProcessorStore,
  ProcessorWindowStore,
  WindowBounds,
  WindowRow,
} from './dsl/processor-api/processor-stores.ts'
export {
  type KeyValueStoreOptions,
  type SessionStoreOptions,
  SharedStore,
  type StoreOptions,
  type StoresOptions,
  type WindowStoreOptions,
} from './dsl/processor-api/store-options.ts'
export { type Parents, TopologyNode } from './dsl/processor-api/topology-node.ts'
export type {
  ClosableProcessor,
  FixedKeyProcessor,
  FixedKeyProcessorContext,
  ProcessOptions,
  ProcessFunction,
  Processor,
  ProcessorContext,
  ProcessValuesOptions,
} from './dsl/processor-api/process.ts'
export { type Startable } from './dsl/startable.ts'
export type { PrintOptions } from './dsl/stream/print.ts'
export { Stream } from './dsl/stream/stream.ts'
export type {
  ChooseTopic,
  MapAsyncOptions,
  MapOptions,
  PartitionOf,
  RepartitionOptions,
  SplitOptions,
  ToOptions,
} from './dsl/stream/stream-options.ts'
export { type SourceOptions, StreamsBuilder, type TableOptions } from './dsl/streams-builder.ts'
export type { SuppressBuffer, SuppressOptions } from './dsl/table/suppression.ts'
export { Table } from './dsl/table/table.ts'
export type {
  ClosableTransform,
  TransformValuesOptions,
  ValueTransform,
  ValueTransformer,
} from './dsl/table/transform-values.ts'
export { type Aggregator, type Initial, type Named, type StateOptions } from './dsl/types.ts'
export { WindowedGroupedStream } from './dsl/windowed/windowed-grouped-stream.ts'
export { WindowedStream } from './dsl/windowed/windowed-stream.ts'
export { WindowedTable, type WindowResult } from './dsl/windowed/windowed-table.ts'
export { type TopologyDescription } from './graph/describe.ts'
export { type InvalidTimestamp } from './graph/graph-node.ts'
export { KeyValue, keyValue } from './processors/key-value.ts'
export { type DropReason, type Punctuation, type PunctuationType, type RecordContext } from './processors/processor.ts'
export { type Windowed, windowedSerde } from './windows/windowed.ts'
export {
  type Emission,
  hoppingWindow,
  type SessionWindow,
  sessionWindow,
  type SlidingWindow,
  slidingWindow,
  type TimeWindow,
  tumblingWindow,
  type UnlimitedWindow,
  unlimitedWindow,
  type Window,
  type WindowOptions,
} from './windows/windows.ts'
export type { StoreView, WindowEntryView } from './app/queries/store-view.ts'
export type { RestoreProgress } from './task/changelog/restoration.ts'
export type { StreamsApp } from './app/streams-app.ts'
export type { StreamsEvents, StreamsState } from './app/streams-events.ts'
export type { ErrorAnswer, ErrorHandler, ErrorHandlers, ErrorPolicy } from './errors/error-options.ts'
export { type ErrorKind, StreamsError } from './errors/streams-error.ts'
export type { UncaughtAnswer, UncaughtHandler } from './errors/uncaught-options.ts'
export type { MetricName, StreamsMetrics } from './member/metrics/meter.ts'
export type { StreamsOptions } from './settings/streams-options.ts'
export type { TaskStatus } from './task/task-status.ts'
export type { Checkpoint, StateChange, StateStorage, StateTable, StoreCheckpoint } from './state/state-storage.ts'
export type { LoggedChange } from './state/store-definition.ts'
