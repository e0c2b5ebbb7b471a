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
  /** As whom the group was left: it keeps a static member, who commits as the one that it was. */
  readonly left: MemberIdentity
}

/**
 * Commits what was read before the group was left: records that were collected first and are worked on afterwards. The
 * group takes it as long as it has no other members, and nobody may have committed the partition in between.
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

  /** @throws RebalanceInProgressError when somebody else has the partition, or has gone on with it */
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
