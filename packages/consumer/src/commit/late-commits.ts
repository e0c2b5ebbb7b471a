import { MemberFencedError, type Transport } from '@kafkado/core'
import { memberEpoch } from '@kafkado/core/protocol'
import { errorOfAttempts } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import { type ConsumerEventTarget, emitCommitted } from '../settings/consumer-events.ts'
import { type MemberIdentity, noMember } from '../group/membership.ts'
import type { PartitionState } from '../partition/partition-state.ts'
import { notOwned } from './commit-refusals.ts'
import { fetchCommitted } from './committed-offsets.ts'
import type { IdentifiedOffset } from './due-offsets.ts'
import { OffsetCommitter } from './offset-committer.ts'

interface LateParts {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly events: ConsumerEventTarget
  /** The identity at the time of leaving: a static member stays in the group and commits under it. */
  readonly left: MemberIdentity
}

/**
 * Commits records that were read before the consumer left the group, such as records that were collected first and
 * processed later. The group accepts it while it has no other members. It is refused if somebody else has committed the
 * partition meanwhile.
 */
export class LateCommits<V, K> {
  readonly #transport: Transport
  readonly #settings: ConsumerSettings
  readonly #events: ConsumerEventTarget
  readonly #member: MemberIdentity
  #last: Promise<unknown> = Promise.resolve()

  constructor({ transport, settings, events, left }: LateParts) {
    this.#transport = transport
    this.#settings = settings
    this.#member = left.memberEpoch === memberEpoch.leaveStatic ? left : noMember
    this.#events = events
  }

  /** @throws RebalanceInProgressError when another member owns the partition or has read past the offset */
  commitThrough(state: PartitionState<V, K>, offset: number): Promise<void> {
    const committed = this.#last.then(() => this.#commitThrough(state, offset))
    this.#last = committed.catch(() => undefined)
    return committed
  }

  async #commitThrough(state: PartitionState<V, K>, offset: number): Promise<void> {
    const { topic, topicId, partition, groupOffset } = state
    try {
      const [found] = await fetchCommitted({
        transport: this.#transport,
        settings: this.#settings,
        member: noMember,
        partitions: [state],
      })
      if (!found || 'error' in found) throw found?.error ?? notOwned(state, offset)
      if (found.offset !== groupOffset) throw notOwned(state, offset)
      if ((found.offset ?? 0) > offset) return
      await this.#committerOf(state).commit(() =>
        state.groupOffset === found.offset ? [{ topic, topicId, partition, offset: offset + 1 }] : [],
      )
    } catch (cause) {
      throw MemberFencedError.is(cause)
        ? errorOfAttempts(notOwned(state, offset, cause), cause.outcome === 'unknown')
        : cause
    }
  }

  #committerOf(state: PartitionState<V, K>): OffsetCommitter<IdentifiedOffset> {
    return new OffsetCommitter({
      transport: this.#transport,
      settings: this.#settings,
      member: { identity: this.#member, heartbeat: () => Promise.resolve() },
      onCommitted: (offsets) => {
        for (const { offset } of offsets) state.groupOffset = offset
        emitCommitted(this.#events, offsets)
      },
    })
  }
}
