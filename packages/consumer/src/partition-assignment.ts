import { errorCodeOf, KafkaError, MemberFencedError, type Transport } from '@kafkado/core'
import { backoffOf, sleep } from '@kafkado/core/internal'
import type { ConsumerSettings, TopicPartition } from './consumer-config.ts'
import type { ConsumerEventTarget } from './consumer-events.ts'
import type { Membership } from './membership.ts'
import { PartitionState } from './partition-state.ts'
import { fetchCommitted, findStart, type StartPositions } from './start-position.ts'

interface AssignmentParts<V, K> {
  /** Whether records are given out to a loop or a handler, which finishes the present ones soon. */
  isLooping(): boolean
  /** Nothing more is given out of these partitions, and what was not begun is to be handed back. */
  onRevoking(states: readonly PartitionState<V, K>[]): void
  /** Commits what has been processed, where that is automatic. */
  commit(states: readonly PartitionState<V, K>[]): Promise<void>
  onChange(): void
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`
const plain = ({ topic, partition }: TopicPartition): TopicPartition => ({ topic, partition })

/** The partitions that are owned, and the steps from one assignment to the next. */
export class PartitionAssignment<V, K> {
  readonly #transport: Transport
  readonly #settings: ConsumerSettings
  readonly #membership: Membership
  readonly #stopping: AbortSignal
  readonly #parts: AssignmentParts<V, K>
  readonly #events: ConsumerEventTarget
  readonly #startPositions: StartPositions
  readonly #backoffMs: (attempt: number, error: unknown) => number
  #states = new Map<string, PartitionState<V, K>>()
  #list: readonly PartitionState<V, K>[] = []
  #hasBegun = false
  #onDrained: (() => void) | undefined
  /** Grows when everything is lost, so that a step which still runs for the former membership ends without effect. */
  #life = 0

  constructor(
    transport: Transport,
    settings: ConsumerSettings,
    membership: Membership,
    stopping: AbortSignal,
    events: ConsumerEventTarget,
    startPositions: StartPositions,
    parts: AssignmentParts<V, K>,
  ) {
    this.#transport = transport
    this.#settings = settings
    this.#membership = membership
    this.#stopping = stopping
    this.#events = events
    this.#startPositions = startPositions
    this.#parts = parts
    this.#backoffMs = backoffOf({ maxBackoff: 2000 }, settings.runtime)
    stopping.addEventListener('abort', () => this.#onDrained?.(), { once: true })
  }

  get states(): readonly PartitionState<V, K>[] {
    return this.#list
  }

  /** Whether partitions have ever been assigned. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  find(partition: TopicPartition): PartitionState<V, K> | undefined {
    return this.#states.get(keyOf(partition))
  }

  /** Begins a partition anew, at a position to be set. */
  replace(state: PartitionState<V, K>): PartitionState<V, K> {
    const fresh = new PartitionState<V, K>(state.topic, state.partition)
    fresh.isPaused = state.isPaused
    this.#states.set(keyOf(state), fresh)
    this.#list = [...this.#states.values()]
    return fresh
  }

  /** Gives up what is not in the target and takes what is new, in this order. */
  async change(target: readonly TopicPartition[]): Promise<void> {
    const life = this.#life
    const wanted = new Set(target.map(keyOf))
    const revoked = this.#list.filter((state) => !wanted.has(keyOf(state)))
    if (revoked.length > 0) await this.#revoke(revoked)
    const added = target.filter((partition) => !this.#states.has(keyOf(partition)))
    if (added.length === 0 || this.#stopping.aborted || life !== this.#life) return
    const states = await this.#begin(added)
    if (!states || this.#stopping.aborted || life !== this.#life) return
    this.#events.emit('assigned', { partitions: added.map(plain) })
    await this.#settings.onAssigned(added.map(plain))
    if (this.#stopping.aborted || life !== this.#life) return
    this.#hasBegun = true
    for (const state of states) {
      this.#states.set(keyOf(state), state)
      this.#startPositions.forget(state)
    }
    this.#startPositions.from = undefined
    this.#changed()
  }

  /** Everything was taken away. */
  async lose(): Promise<void> {
    const lost = this.#list
    this.clear()
    if (lost.length === 0) return
    this.#events.emit('lost', { partitions: lost.map(plain) })
    await this.#settings.onLost(lost.map(plain))
  }

  clear(): void {
    this.#life++
    this.#states = new Map()
    this.#list = []
    this.#onDrained?.()
  }

  /** A record of a partition that is being given up was finished. */
  onFinished(): void {
    if (!this.#list.some(({ isRevoking, tracker }) => isRevoking && tracker.isWorkedOn)) this.#onDrained?.()
  }

  async #revoke(revoked: readonly PartitionState<V, K>[]): Promise<void> {
    const life = this.#life
    for (const state of revoked) state.isRevoking = true
    this.#parts.onRevoking(revoked)
    await this.#drain(revoked)
    if (this.#stopping.aborted || life !== this.#life) return
    this.#events.emit('revoked', { partitions: revoked.map(plain) })
    await this.#settings.onRevoked(revoked.map(plain))
    // A commit that fails leaves the records to be read again, which is better than keeping the partitions from others.
    await this.#parts.commit(revoked).catch(() => undefined)
    if (life !== this.#life) return
    for (const state of revoked) this.#states.delete(keyOf(state))
    this.#changed()
  }

  /** Waits until a loop has finished the records that it has in hand, at most as long as the group waits. */
  async #drain(revoked: readonly PartitionState<V, K>[]): Promise<void> {
    if (!this.#parts.isLooping() || !revoked.some(({ tracker }) => tracker.isWorkedOn)) return
    const drained = new AbortController()
    this.#onDrained = () => drained.abort()
    await sleep(this.#settings.runtime.clock, this.#settings.rebalanceTimeoutMs, drained.signal).catch(() => undefined)
    this.#onDrained = undefined
  }

  /** Where to begin in new partitions. Only a partition without a commit begins at `offset`; an error is asked again. */
  async #begin(added: readonly TopicPartition[]): Promise<PartitionState<V, K>[] | undefined> {
    const { runtime } = this.#settings
    for (let attempt = 1; ; attempt++) {
      try {
        const committed = await fetchCommitted(
          this.#transport,
          this.#settings,
          this.#membership.identity,
          added,
          this.#stopping,
        )
        const { from } = this.#startPositions
        const known = added.map(
          (target, index) => this.#startPositions.of(target) ?? (from === undefined ? committed[index] : undefined),
        )
        const without = added.filter((_, index) => known[index] === undefined)
        const start = from ?? this.#settings.offset
        const starts = await findStart(this.#transport, this.#settings, start, without, this.#stopping)
        return added.map(({ topic, partition }, index) => {
          const state = new PartitionState<V, K>(topic, partition)
          state.committed = committed[index]
          state.begin(known[index] ?? (starts.shift() as number))
          return state
        })
      } catch (error) {
        // The heartbeat learns of it too and begins anew.
        if (this.#stopping.aborted || MemberFencedError.is(error)) return undefined
        const name =
          KafkaError.is(error) && error.kafkaCode !== undefined ? errorCodeOf(error.kafkaCode).name : undefined
        const isStale = name === 'STALE_MEMBER_EPOCH'
        if (!isStale && !(KafkaError.is(error) && error.retriable)) throw error
        await sleep(runtime.clock, this.#backoffMs(attempt, error), this.#stopping).catch(() => undefined)
        if (isStale) await this.#membership.heartbeat()
      }
    }
  }

  #changed(): void {
    this.#list = [...this.#states.values()]
    this.#membership.acknowledge(this.#list.map(plain))
    this.#parts.onChange()
  }
}
