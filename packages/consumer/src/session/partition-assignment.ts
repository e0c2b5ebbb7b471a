import { bounded, isSameTopic, partitionKey, settledWithin, type TopicMetadata } from '@kafkado/core/internal'
import type { AutomaticCommits } from '../commit/automatic-commits.ts'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { ConsumerEventTarget } from '../settings/consumer-events.ts'
import type { PositionFinder } from '../fetch/position-finder.ts'
import type { Membership, MembershipListener } from '../group/membership.ts'
import type { Arrivals } from '../partition/arrivals.ts'
import type { OwnedPartitions } from '../partition/owned-partitions.ts'
import { PartitionState } from '../partition/partition-state.ts'
import type { PositionWishes } from '../partition/position-wishes.ts'
import type { WorkInHand } from '../partition/work-in-hand.ts'
import { type AssignedPartition, plainPartition } from '../partition/topic-partition.ts'

interface AssignmentParts<V, K> {
  readonly settings: ConsumerSettings
  readonly owned: OwnedPartitions<V, K>
  readonly membership: Membership
  readonly events: ConsumerEventTarget
  readonly wishes: PositionWishes
  readonly stopping: AbortSignal
  readonly work: WorkInHand<V, K>
  readonly automatic: AutomaticCommits<V, K>
  readonly finder: PositionFinder<V, K>
  readonly arrivals: Arrivals
}

/** The steps from one assignment to the next. */
export class PartitionAssignment<V, K> implements MembershipListener {
  readonly #parts: AssignmentParts<V, K>
  /** The ids of all topics seen so far, by name. A changed id means that the topic was recreated. */
  readonly #topicIds = new Map<string, string>()
  /** The partition counts of topics when reading began: partitions beyond these were added later. */
  readonly #partitionCounts = new Map<string, number>()
  #hasBegun = false

  constructor(parts: AssignmentParts<V, K>) {
    this.#parts = parts
    parts.stopping.addEventListener('abort', () => parts.owned.endTenure(), { once: true })
  }

  /** Whether partitions have ever been assigned. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /**
   * Records the existing topics and partitions, so that later ones are recognised as new, even by a consumer that has
   * not read them before.
   */
  learn(topics: readonly Pick<TopicMetadata, 'topic' | 'topicId' | 'partitions'>[]): void {
    for (const { topic, topicId, partitions } of topics) {
      if (topicId !== null) this.#topicIds.set(topic, topicId)
      this.#partitionCounts.set(topic, partitions.length)
    }
  }

  /** First gives up partitions that are not in the target, then takes the new ones. */
  async onAssignment(target: readonly AssignedPartition[]): Promise<void> {
    const { owned } = this.#parts
    const { tenure } = owned
    const wanted = new Map(target.map((one) => [partitionKey(one), one]))
    const isWanted = (state: PartitionState<V, K>): boolean => {
      const found = wanted.get(partitionKey(state))
      return found !== undefined && isSameTopic(found.topicId, state.topicId)
    }
    const revoked = owned.states.filter((state) => !isWanted(state))
    if (revoked.length > 0) await this.#revoke(revoked)
    if (this.#isOver(tenure)) return
    const added = target.filter((one) => !owned.has(one))
    if (added.length > 0) await this.#take(added)
  }

  /** All partitions were lost: from the call on nothing is owned. Then listeners are told. */
  async onLost(): Promise<void> {
    const lost = this.#parts.owned.states
    this.clear()
    if (lost.length === 0) return
    this.#parts.events.emit('lost', { partitions: lost.map(plainPartition) })
    await this.#parts.settings.onLost(lost.map(plainPartition))
  }

  onPageHide(): void {
    this.#parts.automatic.sendAway()
  }

  onFailure(error: unknown): void {
    this.#parts.arrivals.fail(error)
  }

  clear(): void {
    this.#parts.owned.endTenure()
    this.#parts.owned.remove(this.#parts.owned.states)
  }

  /**
   * New partitions belong to the consumer while listeners hear of them, so that listeners can move and pause them.
   * Records come afterwards.
   */
  async #take(added: readonly AssignedPartition[]): Promise<void> {
    const { owned, events, settings, wishes, finder } = this.#parts
    const { tenure } = owned
    const states = added.map((one) => {
      const state = new PartitionState<V, K>(one)
      state.isHeld = true
      // Nobody has read anything of it, not even a reader of the topic: begin at its start.
      if (this.#isMadeAnew(one) || this.#isAdded(one)) state.startsAt = 'earliest'
      wishes.apply(state)
      return state
    })
    this.#hasBegun = true
    wishes.firstAssigned()
    owned.add(states)
    // Records written after listeners were told have to be read, also by a reader that begins at the end.
    await settledWithin(tenure, finder.find())
    if (this.#isOver(tenure)) return
    events.emit('assigned', { partitions: added.map(plainPartition) })
    await settings.onAssigned(added.map(plainPartition))
    if (this.#isOver(tenure)) return
    // A listener may have moved partitions, which gives them new states.
    for (const state of states) {
      const present = owned.find(state)
      if (present) present.isHeld = false
    }
    this.#changed()
  }

  async #revoke(revoked: readonly PartitionState<V, K>[]): Promise<void> {
    const { owned, events, settings, work, automatic } = this.#parts
    const { tenure } = owned
    work.revoke(revoked)
    await this.#untilFinished(revoked)
    if (this.#isOver(tenure)) return
    events.emit('revoked', { partitions: revoked.map(plainPartition) })
    await settings.onRevoked(revoked.map(plainPartition))
    // A listener may have moved them.
    const states = revoked.flatMap((state) => owned.find(state) ?? [])
    // If the commit fails, records are read again. That is better than keeping the partitions from others.
    await automatic.commit(states, tenure)
    if (tenure.aborted) return
    owned.remove(states)
    this.#changed()
  }

  /** Waits until a loop has finished its current records, at most as long as the group waits. */
  async #untilFinished(revoked: readonly PartitionState<V, K>[]): Promise<void> {
    const { settings, owned, work } = this.#parts
    if (!work.isGoingOn || !revoked.some(({ tracker }) => tracker.isWorkedOn)) return
    const { runtime, rebalanceTimeoutMs } = settings
    const bounds = { clock: runtime.clock, timeoutMs: rebalanceTimeoutMs, signals: [owned.tenure] }
    await bounded(() => work.revokedFinished(), bounds).catch(() => undefined)
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

  /** A step that still runs for lost partitions ends without effect. */
  #isOver(tenure: AbortSignal): boolean {
    return this.#parts.stopping.aborted || tenure.aborted
  }

  #changed(): void {
    const { membership, owned } = this.#parts
    membership.acknowledge(owned.states.map(({ topic, topicId, partition }) => ({ topic, topicId, partition })))
    owned.changed()
  }
}
