import type { KafkaRecord, TopicDefinition } from '@kafkado/core'
import type { Header } from '@kafkado/core/internal'
import { InvalidRequestError } from '@kafkado/core'
import type { KeyValueStore } from '../state/key-value-store.ts'
import type { WindowStore } from '../state/window-store.ts'
import type { UpdateCache } from './update-cache.ts'

/**
 * Passes a record to the next operator. An operator is a function, so a chain of them is nested calls, without an
 * object or a promise per record. Tables pass the key's former value as `old`.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- types were checked when the topology was built, and vary by edge
export type Forward = (key: any, value: any, timestamp: number, old?: any) => void

/**
 * Makes an operator for one task: a function for each of its inputs. `late` takes records that are too late for their
 * windows. Before calling user code it sets `context.operator` to its name, so that an error can name its place; see
 * {@link enter}.
 */
export type BuildProcessor = (
  context: NodeContext,
  forward: Forward,
  late: Forward,
  name: string,
  childOf: ChildOf,
) => Forward[]

/**
 * Passes a record to one of the following operators, by name.
 *
 * @throws InvalidRequestError when none has that name
 */
export type ChildOf = (name: string) => Forward

/** The current record besides key and value. Valid only while the operator runs. */
export interface RecordContext {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly headers: Readonly<Record<string, string>>
}

/** The current record. Operators always see the same object. */
export interface RecordInHand extends RecordContext {
  timestamp: number
  /** Its headers as they are written; undefined for none. */
  readonly headersInHand: readonly Header[] | undefined
  /** Acts as if the current record had these headers; everything forwarded or written meanwhile has them. */
  withHeaders(headers: readonly Header[], act: () => void): void
}

/** Why a record had no effect. */
export type DropReason =
  | 'null-key'
  | 'null-value'
  | 'null-foreign-key'
  | 'late'
  | 'no-branch'
  | 'no-partition'
  | 'invalid'
  | 'invalid-timestamp'

/** What moves time for a punctuation: records, or the clock. */
export type PunctuationType = 'stream-time' | 'wall-clock'

export interface Punctuation {
  cancel(): void
}

/** The current record at the start of an asynchronous operation. */
export interface RecordSnapshot {
  readonly record: KafkaRecord<unknown, unknown> | undefined
  readonly timestamp: number
  /** Headers set by a processor, instead of the record's own. */
  readonly headers: readonly Header[] | undefined
}

/** The unfinished calls of a task's operators. */
export interface AsynchronousWork {
  /** One more call waits or runs; `isFull` stops the task from taking more records. */
  begin(isFull: boolean): void
  end(isFull: boolean): void
  fail(error: unknown): void
  /** Whether the task was given up, so that nothing may be forwarded. */
  readonly isOver: boolean
}

/** Hold back updates. */
export interface Caches {
  /** Returns a cache for updates that an operator would forward at once; undefined if it should do so. */
  make(store: string, operator: string, forward: Forward): UpdateCache | undefined
  /** The cache of a store, once all operators are made. */
  of(store: string): UpdateCache | undefined
}

/** A partition, several, or none at all; undefined chooses by the key. */
export type ChosenPartition = number | readonly number[] | undefined

/** Chooses the partitions of a record in a topic with so many. Kafka: StreamPartitioner. */
export type ChoosePartition = (value: unknown, key: unknown, partitions: number) => ChosenPartition

/** Further facts about a written record. */
export interface SendOptions {
  /** Called once the topic's number of partitions is known. */
  readonly partition?: ((partitions: number) => ChosenPartition) | undefined
}

/** What an operator may do and know within its task. */
export interface NodeContext {
  /** `subtopology_partition` */
  readonly id: string
  readonly partition: number
  /** The operator whose code is running; undefined while the record is read. */
  operator: string | undefined
  /**
   * The origin of the current record, and the time of the operator's input, which differs after a join or an
   * aggregation.
   */
  readonly current: RecordInHand
  /** The greatest timestamp that the task has processed; −1 before the first. */
  readonly streamTime: number
  /** The time of day, in milliseconds since the epoch. */
  readonly systemTime: number
  /** The record being processed; undefined when an operator acts by itself, such as at the end of a window. */
  readonly record: KafkaRecord<unknown, unknown> | undefined
  keyValueStore<K, V>(name: string): KeyValueStore<K, V>
  windowStore<K, V>(name: string): WindowStore<K, V>
  readonly caches: Caches
  /** Counts a record that had no effect. */
  drop(reason: DropReason): void
  /** Writes to a topic, with its serdes. */
  send(
    sink: TopicDefinition<unknown, unknown>,
    key: unknown,
    value: unknown,
    timestamp: number,
    options?: SendOptions,
  ): void
  schedule(type: PunctuationType, intervalMs: number, action: (time: number) => void): Punctuation
  /**
   * Wraps an operator's input: if errors may be skipped, it handles errors of the operator, and the caller continues
   * with other records.
   */
  guarded(forward: Forward): Forward
  /** Whether the task has ended here, so that nothing may be forwarded or stored. */
  readonly isClosed: boolean
  /** Acts when the task ends here. @param operator named in the error, if it throws */
  onClose(operator: string, act: () => void): void
  /**
   * Counts asynchronous work: the task takes no more than its operators can do, commits after all of it, and fails with
   * it.
   */
  readonly asynchronous: AsynchronousWork
  /** Keeps what a later {@link resume} needs of the current record. */
  snapshot(): RecordSnapshot
  /** Acts as if that record were the current one. */
  resume(snapshot: RecordSnapshot, act: () => void): void
  /** Acts without a current record, so that forwarded records have no headers of another one. */
  withoutRecord(act: () => void): void
}

/**
 * Call it before user code that may ask for the record, and again when that code continues after something was
 * forwarded.
 */
export function enter(context: NodeContext, name: string, timestamp: number): void {
  context.operator = name
  context.current.timestamp = timestamp
}

/** Feeds several operators; returns the operator itself if there is only one. */
export function fanOut(next: readonly Forward[]): Forward {
  const [first, second] = next
  if (!first) return () => undefined
  if (!second) return first
  if (next.length === 2) {
    return (key, value, timestamp, old) => {
      first(key, value, timestamp, old)
      second(key, value, timestamp, old)
    }
  }
  return (key, value, timestamp, old) => {
    for (const forward of next) forward(key, value, timestamp, old)
  }
}

/** @throws InvalidRequestError when a function answered with a promise instead of at once */
export function requireAnswer<T>(result: T, operator: string): T {
  if (!(result instanceof Promise)) return result
  // Whatever the promise does, the error below matters more.
  result.catch(() => undefined)
  throw new InvalidRequestError(
    `${operator}: the function returned a Promise, but this operator works synchronously; ` +
      'use mapAsync() for asynchronous work',
  )
}
