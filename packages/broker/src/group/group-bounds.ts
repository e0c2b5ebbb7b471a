import { errorOfCode } from '@kafkado/core/internal'
import type { EngineSettings } from '../settings/engine-options.ts'
import type { ConsumerGroup } from './consumer-group.ts'

/** Counts all groups, each once, whether it has members, offsets or offsets of an open transaction. */
export class GroupBounds {
  readonly #settings: Pick<EngineSettings, 'maxGroups' | 'maxGroupMembers'>
  /** How many parts of each group are there. */
  readonly #parts = new Map<string, number>()

  constructor(settings: Pick<EngineSettings, 'maxGroups' | 'maxGroupMembers'>) {
    this.#settings = settings
  }

  /** Something of the group is there now. */
  add(groupId: string): void {
    this.#parts.set(groupId, (this.#parts.get(groupId) ?? 0) + 1)
  }

  /** Something of the group is gone. */
  remove(groupId: string): void {
    const left = (this.#parts.get(groupId) ?? 0) - 1
    if (left > 0) this.#parts.set(groupId, left)
    else this.#parts.delete(groupId)
  }

  /** @throws KafkaError POLICY_VIOLATION when the group is new, and there are as many as there may be */
  requireRoomFor(groupId: string): void {
    const { maxGroups } = this.#settings
    if (this.#parts.has(groupId) || this.#parts.size < maxGroups) return
    throw errorOfCode('POLICY_VIOLATION', {
      detail: `group '${groupId}' is new, and the engine keeps at most ${maxGroups} groups (maxGroups)`,
    })
  }

  /** @throws KafkaError GROUP_MAX_SIZE_REACHED when the group has as many members as it may have */
  requireRoomForMember({ groupId, members }: ConsumerGroup): void {
    const { maxGroupMembers } = this.#settings
    if (members.size < maxGroupMembers) return
    throw errorOfCode('GROUP_MAX_SIZE_REACHED', {
      detail: `group '${groupId}' has ${members.size} members, and may have ${maxGroupMembers} (maxGroupMembers)`,
    })
  }
}
