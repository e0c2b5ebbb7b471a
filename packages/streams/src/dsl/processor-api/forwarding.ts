import { InvalidRequestError, type Message } from '@kafkado/core'
import { headerList, isTimestamp, requireTimestamp } from '@kafkado/core/internal'
import { type ChildOf, enter, type Forward, type NodeContext } from '../../processors/processor.ts'

/** What else is said of a record that a processor hands on. */
export interface ForwardOptions {
  /** Default that of the record in hand, which behind a join or an aggregation is that of its result. */
  timestamp?: number | undefined
  /** The headers that it has from here on, in place of those of the record in hand. Kafka: Record.withHeaders. */
  headers?: Message<unknown>['headers']
  /**
   * The only operator that is given it, by its name, of those that follow. Default all of them. Kafka: the child name
   * of ProcessorContext.forward.
   */
  to?: string | undefined
}

/** Hands records on as code of a user asks, and keeps it from doing so once it is closed. */
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
        `${this.#name}: its task has ended, so nothing can be handed on any more; use a callback of schedule(), or` +
          ` the next record`,
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

  /** @throws InvalidRequestError when it is none, as Kafka Streams does */
  #timeOf(timestamp: number): number {
    if (isTimestamp(timestamp)) return Number(timestamp)
    return requireTimestamp(timestamp, `${this.#name}: the timestamp of what is handed on`)
  }

  close(): void {
    this.#isClosed = true
  }
}
