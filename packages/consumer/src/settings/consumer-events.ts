import type { TopicPartition } from '@kafkado/core'
import { EventListeners, refusedArgument } from '@kafkado/core/internal'
import { requireFunction } from './consumer-arguments.ts'

/**
 * Why nothing moves: a `handler` has not finished its records, a `listener` such as `onAssigned` has not ended, no
 * `reader` asks for those that are there, the server answers no `fetch` or no `heartbeat`, or something has blocked the
 * `event-loop`, and all of this process with it.
 */
export type StallReason = 'handler' | 'listener' | 'reader' | 'fetch' | 'heartbeat' | 'event-loop'

/** Something has not moved for `stallTimeout`. Told once for each time. */
export interface Stall {
  readonly reason: StallReason
  /** For how long, in milliseconds. */
  readonly durationMs: number
  /** Which partition, where it is about one; and the offset of the record that it waits for. */
  readonly topic?: string
  readonly partition?: number
  readonly offset?: number
}

/**
 * What a consumer tells. Each is published on the channel `kafkado:consumer:NAME` of `node:diagnostics_channel` too.
 */
export interface ConsumerEvents {
  stalled: Stall
  assigned: { readonly partitions: readonly TopicPartition[] }
  revoked: { readonly partitions: readonly TopicPartition[] }
  lost: { readonly partitions: readonly TopicPartition[] }
  committed: { readonly offsets: readonly (TopicPartition & { readonly offset: number })[] }
  /** A record that does not decode was left out or put aside, as `onInvalid` says. */
  invalid: TopicPartition & { readonly offset: number; readonly error: unknown }
}

const names: ReadonlySet<string> = new Set(
  Object.keys({
    stalled: true,
    assigned: true,
    revoked: true,
    lost: true,
    committed: true,
    invalid: true,
  } satisfies Record<keyof ConsumerEvents, true>),
)

/** Hands events to those who listen. */
export class ConsumerEventTarget {
  readonly #listeners: EventListeners<ConsumerEvents>

  constructor(group: string | undefined) {
    this.#listeners = new EventListeners('kafkado:consumer:', { group })
  }

  /** @returns what stops listening */
  on<Name extends keyof ConsumerEvents>(name: Name, listener: (event: ConsumerEvents[Name]) => void): () => void {
    if (!names.has(name)) throw refusedArgument('on', `must name one of ${[...names].join(', ')}`, name)
    requireFunction(listener, `on('${name}')`)
    return this.#listeners.on(name, listener)
  }

  emit<Name extends keyof ConsumerEvents>(name: Name, event: ConsumerEvents[Name]): void {
    this.#listeners.emit(name, event)
  }
}

/** Tells of offsets that were committed, without what only the protocol needs. */
export function emitCommitted(
  events: ConsumerEventTarget,
  offsets: readonly (TopicPartition & { readonly offset: number })[],
): void {
  if (offsets.length === 0) return
  events.emit('committed', {
    offsets: offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset })),
  })
}
