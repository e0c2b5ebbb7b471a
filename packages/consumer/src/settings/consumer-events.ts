import type { TopicPartition } from '@kafkado/core'
import { EventListeners, refusedArgument } from '@kafkado/core/internal'
import { requireFunction } from './consumer-arguments.ts'

/**
 * Why nothing progresses. `handler`: it has not finished its records. `listener`: one such as `onAssigned` has not
 * ended. `reader`: nobody asks for the available records. `metadata`: the server does not tell which partitions the
 * topics have, so nothing can begin. `fetch`, `heartbeat`: the server does not answer these. `event-loop`: something
 * blocked this whole process.
 */
export type StallReason = 'handler' | 'listener' | 'reader' | 'metadata' | 'fetch' | 'heartbeat' | 'event-loop'

/** Something has not progressed for `stallTimeout`. Reported once per stall. */
export interface Stall {
  readonly reason: StallReason
  /** How long it has lasted, in milliseconds. */
  readonly durationMs: number
  /** The partition, if the stall concerns one, and the offset of the record that it waits for. */
  readonly topic?: string
  readonly partition?: number
  readonly offset?: number
  /**
   * How the last request failed, where `metadata` or `heartbeat` has no answer; undefined while it is still waited for.
   */
  readonly error?: unknown
}

/**
 * The events of a consumer. Each is also published on the channel `kafkado:consumer:NAME` of
 * `node:diagnostics_channel`.
 */
export interface ConsumerEvents {
  stalled: Stall
  assigned: { readonly partitions: readonly TopicPartition[] }
  revoked: { readonly partitions: readonly TopicPartition[] }
  lost: { readonly partitions: readonly TopicPartition[] }
  committed: { readonly offsets: readonly (TopicPartition & { readonly offset: number })[] }
  /** A record that cannot be decoded was skipped or copied to the dead-letter topic, see `onInvalid`. */
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

/** Passes events to listeners. */
export class ConsumerEventTarget {
  readonly #listeners: EventListeners<ConsumerEvents>

  constructor(group: string | undefined) {
    this.#listeners = new EventListeners('kafkado:consumer:', { group })
  }

  /** @returns a function that stops listening */
  on<Name extends keyof ConsumerEvents>(name: Name, listener: (event: ConsumerEvents[Name]) => void): () => void {
    if (!names.has(name)) throw refusedArgument('on', `must name one of ${[...names].join(', ')}`, name)
    requireFunction(listener, `on('${name}')`)
    return this.#listeners.on(name, listener)
  }

  emit<Name extends keyof ConsumerEvents>(name: Name, event: ConsumerEvents[Name]): void {
    this.#listeners.emit(name, event)
  }
}

/** Emits committed offsets, without fields that only the protocol needs. */
export function emitCommitted(
  events: ConsumerEventTarget,
  offsets: readonly (TopicPartition & { readonly offset: number })[],
): void {
  if (offsets.length === 0) return
  events.emit('committed', {
    offsets: offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset })),
  })
}
