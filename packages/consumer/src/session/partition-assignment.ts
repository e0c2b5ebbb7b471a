import { orAborted, sleep, type TopicMetadata } from '@kafkado/core/internal'
import type { ConsumerSettings, TopicPartition } from '../consumer-config.ts'
import type { ConsumerEventTarget } from '../consumer-events.ts'
import type { AssignedPartition, Membership } from '../group/membership.ts'
import { isSameTopic, type OwnedPartitions } from '../partition/owned-partitions.ts'
import { PartitionState } from '../partition/partition-state.ts'
import type { PositionWishes } from '../partition/position-wishes.ts'

interface AssignmentParts<V, K> {
  readonly settings: ConsumerSettings
  readonly owned: OwnedPartitions<V, K>
  readonly membership: Membership
  readonly events: ConsumerEventTarget
  readonly wishes: PositionWishes
  readonly stopping: AbortSignal
  /** Whether records are given out to a loop or a handler, which finishes the present ones soon. */
  isLooping(): boolean
  /** Nothing more is given out of these partitions, and what was not begun is to be handed back. */
  onRevoking(states: readonly PartitionState<V, K>[]): void
  /** Commits what has been processed, where that is automatic. */
  commit(states: readonly PartitionState<V, K>[]): Promise<void>
  /** Finds out where new partitions begin, as far as that can be told now. */
  find(): Promise<void>
  onChange(): void
}

const plain = ({ topic, partition }: TopicPartition): TopicPartition => ({ topic, partition })
const assigned = ({ topic, topicId, partition }: AssignedPartition): AssignedPartition => ({
  topic,
  topicId,
  partition,
})

/** The steps from one assignment to the next. */
export class PartitionAssignment<V, K> {
  readonly #parts: AssignmentParts<V, K>
  /** The ids of the topics that were ever seen, by name: one that changes is a topic that was made anew. */
  readonly #topicIds = new Map<string, string>()
  /** How many partitions topics had when reading began: the others were added since. */
  readonly #partitionCounts = new Map<string, number>()
  #hasBegun = false
  #onDrained: (() => void) | undefined

  constructor(parts: AssignmentParts<V, K>) {
    this.#parts = parts
    const end = (): void => {
      parts.owned.endTenure()
      this.#onDrained?.()
    }
    parts.stopping.addEventListener('abort', end, { once: true })
  }

  /** Whether partitions have ever been assigned. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** Which topics and partitions there are, so that what is made later is noticed, also by who has not read them yet. */
  learn(topics: readonly Pick<TopicMetadata, 'topic' | 'topicId' | 'partitions'>[]): void {
    for (const { topic, topicId, partitions } of topics) {
      if (topicId !== null) this.#topicIds.set(topic, topicId)
      this.#partitionCounts.set(topic, partitions.length)
    }
  }

  /** Gives up what is not in the target and takes what is new, in this order. */
  async change(target: readonly AssignedPartition[]): Promise<void> {
    const { owned } = this.#parts
    const { tenure } = owned
    const wanted = new Map(target.map((one) => [`${one.topic}/${one.partition}`, one]))
    const isWanted = (state: PartitionState<V, K>): boolean => {
      const found = wanted.get(`${state.topic}/${state.partition}`)
      return found !== undefined && isSameTopic(found.topicId, state.topicId)
    }
    const revoked = owned.states.filter((state) => !isWanted(state))
    if (revoked.length > 0) await this.#revoke(revoked)
    if (this.#isOver(tenure)) return
    const added = target.filter((one) => !owned.has(one))
    if (added.length > 0) await this.#take(added)
  }

  /** Everything was taken away: nothing is owned from the call on, and then listeners are told. */
  async lose(): Promise<void> {
    const lost = this.#parts.owned.states
    this.clear()
    if (lost.length === 0) return
    this.#parts.events.emit('lost', { partitions: lost.map(plain) })
    await this.#parts.settings.onLost(lost.map(plain))
  }

  clear(): void {
    this.#parts.owned.endTenure()
    this.#parts.owned.remove(this.#parts.owned.states)
    this.#onDrained?.()
  }

  /** A record of a partition that is being given up was finished. */
  onFinished(): void {
    if (!this.#parts.owned.states.some(({ isRevoking, tracker }) => isRevoking && tracker.isWorkedOn))
      this.#onDrained?.()
  }

  /** New partitions belong to the consumer while listeners are told of them, so that these can move and pause them; records come afterwards. */
  async #take(added: readonly AssignedPartition[]): Promise<void> {
    const { owned, events, settings, wishes } = this.#parts
    const { tenure } = owned
    const states = added.map((one) => {
      const state = new PartitionState<V, K>(one)
      state.isHeld = true
      // Whoever reads the topic already has not seen anything of it.
      if (this.#isMadeAnew(one) || this.#isAdded(one)) state.startsAt = 'earliest'
      wishes.apply(state)
      return state
    })
    this.#hasBegun = true
    wishes.firstAssigned()
    owned.add(states)
    // What is written when listeners have been told is read, also by a reader that begins at the end.
    await orAborted(this.#parts.find(), tenure).catch(() => undefined)
    if (this.#isOver(tenure)) return
    events.emit('assigned', { partitions: added.map(plain) })
    await settings.onAssigned(added.map(plain))
    if (this.#isOver(tenure)) return
    // A listener may have moved them, which makes other states of them.
    for (const state of states) {
      const present = owned.find(state)
      if (present) present.isHeld = false
    }
    this.#changed()
  }

  async #revoke(revoked: readonly PartitionState<V, K>[]): Promise<void> {
    const { owned, events, settings } = this.#parts
    const { tenure } = owned
    for (const state of revoked) state.isRevoking = true
    this.#parts.onRevoking(revoked)
    await this.#drain(revoked)
    if (this.#isOver(tenure)) return
    events.emit('revoked', { partitions: revoked.map(plain) })
    await settings.onRevoked(revoked.map(plain))
    // A listener may have moved them.
    const states = revoked.flatMap((state) => owned.find(state) ?? [])
    // A commit that fails leaves the records to be read again, which is better than keeping the partitions from others.
    await orAborted(this.#parts.commit(states), tenure).catch(() => undefined)
    if (tenure.aborted) return
    owned.remove(states)
    this.#changed()
  }

  /** Waits until a loop has finished the records that it has in hand, at most as long as the group waits. */
  async #drain(revoked: readonly PartitionState<V, K>[]): Promise<void> {
    if (!this.#parts.isLooping() || !revoked.some(({ tracker }) => tracker.isWorkedOn)) return
    const { runtime, rebalanceTimeoutMs } = this.#parts.settings
    const drained = new AbortController()
    this.#onDrained = () => drained.abort()
    await sleep(runtime.clock, rebalanceTimeoutMs, drained.signal).catch(() => undefined)
    this.#onDrained = undefined
  }

  #isMadeAnew({ topic, topicId }: AssignedPartition): boolean {
    if (topicId === null) return false
    const known = this.#topicIds.get(topic)
    if (known === undefined) this.#topicIds.set(topic, topicId)
    return known !== undefined && known !== topicId
  }

  #isAdded({ topic, partition }: AssignedPartition): boolean {
    return partition >= (this.#partitionCounts.get(topic) ?? Number.POSITIVE_INFINITY)
  }

  /** A step that still runs for what was lost ends without effect. */
  #isOver(tenure: AbortSignal): boolean {
    return this.#parts.stopping.aborted || tenure.aborted
  }

  #changed(): void {
    this.#parts.membership.acknowledge(this.#parts.owned.states.map(assigned))
    this.#parts.onChange()
  }
}
