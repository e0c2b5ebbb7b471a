import { InvalidRequestError, type Message } from '@kafkado/core'
import { headerList, isTimestamp, requireTimestamp } from '@kafkado/core/internal'
import { type ChildOf, enter, type Forward, type NodeContext } from '../../processors/processor.ts'

/** Optional parts of a record that a processor forwards. */
export interface ForwardOptions {
  /**
   * The record's time. Default: the time of the current record, which after a join or an aggregation is the time of its
   * result; in a callback of `schedule`, the time of the call. Set it when the result belongs to another time, such as
   * the end of a window. In milliseconds since the epoch. Kafka: Record.withTimestamp.
   */
  timestamp?: number | undefined
  /** Replaces the headers of the current record. Default: the headers stay. Kafka: Record.withHeaders. */
  headers?: Message<unknown>['headers']
  /**
   * Forwards only to the following operator with this name. Default: to all of them. Kafka: the child name of
   * ProcessorContext.forward.
   */
  to?: string | undefined
}

/** Forwards records for user code, and refuses to once it is closed. */
export class Forwarding {
  readonly #context: NodeContext
  readonly #name: string
  readonly #toAll: Forward
  readonly #childOf: ChildOf
  #isClosed = false

  constructor(context: NodeContext, name: string, toAll: Forward, childOf: ChildOf) {
    this.#context = context
    this.#name = name
    this.#toAll = toAll
    this.#childOf = childOf
  }

  forward(key: unknown, value: unknown, given: number | ForwardOptions = {}): void {
    const { timestamp, headers, to }: ForwardOptions = typeof given === 'number' ? { timestamp: given } : given
    if (this.#isClosed)
      throw new InvalidRequestError(
        `${this.#name}: its task has ended, so nothing can be handed on any more; use a callback of schedule(), ` +
          'or the next record',
      )
    const context = this.#context
    const inHand = context.current.timestamp
    const time = timestamp === undefined ? inHand : this.#timeOf(timestamp)
    const forward = to === undefined ? this.#toAll : this.#childOf(to)
    const act = (): void => forward(key, value, time)
    if (headers === undefined) act()
    else context.current.withHeaders(headerList(headers), act)
    enter(context, this.#name, inHand)
  }

  /** @throws InvalidRequestError when it is not a time, as Kafka Streams does */
  #timeOf(timestamp: number): number {
    if (isTimestamp(timestamp)) return Number(timestamp)
    return requireTimestamp(timestamp, `${this.#name}: the timestamp of a forwarded record`)
  }

  close(): void {
    this.#isClosed = true
  }
}
