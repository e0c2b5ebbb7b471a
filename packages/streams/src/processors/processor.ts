import type { KafkaRecord, TopicDefinition } from '@kafkado/core'
import type { Header } from '@kafkado/core/internal'
import { InvalidRequestError } from '@kafkado/core'
import type { KeyValueStore } from '../state/key-value-store.ts'
import type { WindowStore } from '../state/window-store.ts'
import type { UpdateCache } from './update-cache.ts'

/**
 * Hands a record to the next operator. An operator is a function, so a chain of them is one call into the next, without
 * an object or a promise for a record. Tables pass what the key had before as `old`.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- what flows was checked where the topology was built, and differs from edge to edge
export type Forward = (key: any, value: any, timestamp: number, old?: any) => void

/**
 * Makes an operator for one task: a function for each of its inputs. `late` takes the records that came too late for
 * their windows. Before it calls what a user wrote it sets `context.operator` to its name, so that an error can say
 * where it comes from; see {@link enter}.
 */
export type BuildProcessor = (
  context: NodeContext,
  forward: Forward,
  late: Forward,
  name: string,
  childOf: ChildOf,
) => Forward[]

/**
 * Hands a record to one of the operators that follow, by its name.
 *
 * @throws InvalidRequestError when none of them has it
 */
export type ChildOf = (name: string) => Forward

/** What the current record is, besides key and value. Valid only while the operator runs. */
export interface RecordContext {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly headers: Readonly<Record<string, string>>
}

/** The record in hand, of which operators see the same object all the time. */
export interface RecordInHand extends RecordContext {
  timestamp: number
  /** Its headers as they are written; undefined for none. */
  readonly headersInHand: readonly Header[] | undefined
  /** Acts as if the record in hand had these headers: so do what is handed on meanwhile, and what is written of it. */
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

/** What makes time pass for a punctuation: records, or the clock. */
export type PunctuationType = 'stream-time' | 'wall-clock'

export interface Punctuation {
  cancel(): void
}

/** The record that was in hand when an asynchronous operator began. */
export interface RecordSnapshot {
  readonly record: KafkaRecord<unknown, unknown> | undefined
  readonly timestamp: number
  /** Those that a processor has set, in place of those of the record. */
  readonly headers: readonly Header[] | undefined
}

/** What the operators of a task have begun and not ended. */
export interface AsynchronousWork {
  /** One more is waiting or running; `isFull` stops the task from taking more records. */
  begin(isFull: boolean): void
  end(isFull: boolean): void
  fail(error: unknown): void
  /** Whether the task was given up, so that nothing is handed on any more. */
  readonly isOver: boolean
}

/** What holds back updates. */
export interface Caches {
  /** For the updates of a store that an operator makes, and would forward at once; undefined where it does. */
  make(store: string, operator: string, forward: Forward): UpdateCache | undefined
  /** That of a store, once all operators are made. */
  of(store: string): UpdateCache | undefined
}

/** A partition, several, or none at all; undefined leaves it to the key. */
export type ChosenPartition = number | readonly number[] | undefined

/** Which partitions of a topic with so many a record goes to. Kafka: StreamPartitioner. */
export type ChoosePartition = (value: unknown, key: unknown, partitions: number) => ChosenPartition

/** What is said of a record that is written besides what it is. */
export interface SendOptions {
  /** Called when it is known how many partitions the topic has. */
  readonly partition?: ((partitions: number) => ChosenPartition) | undefined
}

/** What an operator may do and know within its task. */
export interface NodeContext {
  /** `subtopology_partition` */
  readonly id: string
  readonly partition: number
  /** The operator whose code runs; undefined while the record is read. */
  operator: string | undefined
  /**
   * Where the record in hand comes from, and the time of what the operator is given: behind a join or an aggregation it
   * is another one.
   */
  readonly current: RecordInHand
  /** The greatest timestamp that the task has processed; −1 before the first. */
  readonly streamTime: number
  /** The record that is processed; undefined when an operator acts by itself, such as at the end of a window. */
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
   * What hands records to an operator: where errors may leave something out, what fails in the operator is dealt with
   * there, and whoever handed it the record goes on with the others.
   */
  guarded(forward: Forward): Forward
  /** Whether the task has ended here, so that nothing is handed on or kept any more. */
  readonly isClosed: boolean
  /** Acts when the task ends here. @param operator for the error, if it throws */
  onClose(operator: string, act: () => void): void
  /**
   * Counts what is worked on asynchronously: the task takes no more than its operators can do, commits after all of it,
   * and fails with it.
   */
  readonly asynchronous: AsynchronousWork
  /** What is needed to go on later as if the present record were in hand. */
  snapshot(): RecordSnapshot
  /** Acts as if that record were in hand. */
  resume(snapshot: RecordSnapshot, act: () => void): void
  /** Acts without a record in hand, so that what it forwards has no headers of another one. */
  withoutRecord(act: () => void): void
}

/**
 * Has to be called before what a user wrote that may ask for the record, and again when that goes on after something
 * was forwarded.
 */
export function enter(context: NodeContext, name: string, timestamp: number): void {
  context.operator = name
  context.current.timestamp = timestamp
}

/** What is fed to several operators: the next one itself where there is only one. */
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

/** @throws InvalidRequestError when a function that has to answer at once answered with a promise */
export function requireAnswer<T>(result: T, operator: string): T {
  if (!(result instanceof Promise)) return result
  // Whatever becomes of it, the error below is the one to see.
  result.catch(() => undefined)
  throw new InvalidRequestError(
    `${operator}: the function returned a Promise, but this operator works synchronously; use mapAsync() for` +
      ` asynchronous work`,
  )
}
