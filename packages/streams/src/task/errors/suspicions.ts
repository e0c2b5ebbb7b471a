import type { KafkaRecord } from '@kafkado/core'
import type { Verdict } from './error-handling.ts'

type Place = Pick<KafkaRecord, 'topic' | 'partition' | 'offset'>

/** A result, as far as it can be told again when its record is processed again. */
export interface Result {
  /** What it was made of; undefined where nothing was in hand. */
  readonly record: Place | undefined
  readonly topic: string
  readonly key: Uint8Array | null
  readonly value: string | Uint8Array | null
}

interface RefusedResult extends Result {
  readonly size: number
  readonly verdict: Verdict
}

/**
 * What has ended a session although only one record is to blame, which nobody can tell until it is processed again: an output that was refused when it was
 * a part of a transaction already, and a state value that could not be written when it was to be committed. Kept from one session to the next.
 */
export class Suspicions {
  readonly #results = new Map<string, RefusedResult[]>()
  readonly #states = new Map<string, ReadonlyMap<string, number>>()

  /** A result of a task was refused, and will be again; what becomes of it is decided. */
  suspectResult(task: string, result: Result, verdict: Verdict): void {
    const known = this.#results.get(task) ?? []
    this.#results.set(task, [...known, { ...result, size: sizeOf(result.value), verdict }])
  }

  /**
   * Why a result need not be sent: it is the one that was refused, or another of the same record, topic and key that is as large. What is made of a record
   * for the second time may differ, such as by a time in it.
   */
  verdictOn(task: string, result: Result): Verdict | undefined {
    if (this.#results.size === 0) return undefined
    const size = sizeOf(result.value)
    return this.#results.get(task)?.find((one) => size >= one.size && isOfSameOrigin(one, result))?.verdict
  }

  /** What was processed before these positions, by topic, is committed, and does not come again. */
  onCommitted(task: string, positions: ReadonlyMap<string, number>): void {
    const known = this.#results.get(task)
    if (!known) return
    const left = known.filter(({ record }) => record && record.offset >= (positions.get(record.topic) ?? 0))
    if (left.length === 0) this.#results.delete(task)
    else this.#results.set(task, left)
  }

  /** One of the records before these positions, by topic, leaves state that cannot be written: it is tried at once when they come again. */
  suspectState(task: string, positions: ReadonlyMap<string, number>): void {
    this.#states.set(task, positions)
  }

  /** Up to where the state of a task has to be tried at once. */
  suspectedState(task: string): ReadonlyMap<string, number> | undefined {
    return this.#states.get(task)
  }

  clearState(task: string): void {
    this.#states.delete(task)
  }
}

function isOfSameOrigin(one: Result, other: Result): boolean {
  return (
    one.topic === other.topic &&
    one.record?.topic === other.record?.topic &&
    one.record?.offset === other.record?.offset &&
    isSameKey(one.key, other.key)
  )
}

function isSameKey(one: Uint8Array | null, other: Uint8Array | null): boolean {
  if (one === null || other === null) return one === other
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

function sizeOf(value: Result['value']): number {
  return value === null ? 0 : value.length
}
