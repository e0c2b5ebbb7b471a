import type { EngineSettings } from '../settings/engine-options.ts'
import type { ConsumerGroup, Member } from './consumer-group.ts'

/** By when members have to be heard of, and to have given up partitions. The group loses those that are late. */
export class MemberDeadlines {
  readonly #settings: EngineSettings
  readonly #fence: (group: ConsumerGroup, memberId: string) => void

  constructor(settings: EngineSettings, fence: (group: ConsumerGroup, memberId: string) => void) {
    this.#settings = settings
    this.#fence = fence
  }

  /** A member has a whole session from now on. */
  expectHeartbeat(group: ConsumerGroup, memberId: string): void {
    const { runtime, sessionTimeoutMs } = this.#settings
    group.sessionTimers.get(memberId)?.cancel()
    group.sessionTimers.set(
      memberId,
      runtime.clock.schedule(sessionTimeoutMs, () => this.#fence(group, memberId), 'background'),
    )
  }

  /** A member that has to give up partitions gets its whole rebalance timeout each time. */
  expectRevocation(group: ConsumerGroup, memberId: string, isNew: boolean): void {
    const { current, description } = group.members.get(memberId) as Member
    const isRevoking = current.state === 'UNREVOKED_PARTITIONS'
    if (isRevoking && !isNew && group.rebalanceTimers.has(memberId)) return
    group.rebalanceTimers.get(memberId)?.cancel()
    group.rebalanceTimers.delete(memberId)
    if (!isRevoking) return
    group.rebalanceTimers.set(
      memberId,
      this.#settings.runtime.clock.schedule(
        description.rebalanceTimeoutMs,
        () => this.#fence(group, memberId),
        'background',
      ),
    )
  }
}
