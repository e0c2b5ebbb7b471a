import {
  type AnyOperation,
  type Clock,
  codeOf,
  consumerGroupHeartbeat,
  deleteGroups,
  describeGroups,
  isKafkaError,
  KafkaError,
  offsetCommit,
  type RequestOf,
  type Transport,
  txnOffsetCommit,
} from '@kafkado/core'
import { memberEpoch } from '@kafkado/core/protocol'
import { HourlyShares } from './hourly-shares.ts'
import type { Limits } from './limits.ts'
import type { Charge } from './new-partitions.ts'

/** More ids than this are forgotten and looked up again. */
const mostKnownGroups = 100_000

const making: ReadonlySet<string> = new Set(
  [consumerGroupHeartbeat, offsetCommit, txnOffsetCommit, deleteGroups].map(({ name }) => name),
)

/** Whether requests of the operation may change which groups there are. */
export function makesGroups({ name }: AnyOperation): boolean {
  return making.has(name)
}

/** Counts the groups that each API key makes, by joining them or by committing offsets. */
export class NewGroups {
  readonly #shares: HourlyShares
  readonly #transport: Transport
  /** Groups that are there, so that their use makes nothing. */
  readonly #known = new Set<string>()

  constructor({ maxNewGroupsPerHourPerKey }: Limits, clock: Clock, transport: Transport) {
    this.#shares = new HourlyShares(maxNewGroupsPerHourPerKey, clock, 'groups', 'maxNewGroupsPerHourPerKey')
    this.#transport = transport
  }

  /**
   * @returns undefined if the request makes nothing
   * @throws QuotaExceededError when the key has made as much as it may
   */
  async charge(keyId: string, operation: AnyOperation, request: unknown): Promise<Charge | undefined> {
    if (operation.name === deleteGroups.name)
      for (const groupId of (request as RequestOf<typeof deleteGroups>).groups) this.#known.delete(groupId)
    const groupId = madeBy(operation, request)
    if (groupId === undefined || this.#known.has(groupId) || (await this.#isThere(groupId))) return undefined
    const giveBack = this.#shares.take(keyId, 1)
    return {
      settle: () => this.#keep(groupId),
      fail: (error) => {
        if (KafkaError.is(error) && error.outcome === 'failed') giveBack(1)
      },
    }
  }

  async #isThere(groupId: string): Promise<boolean> {
    try {
      const { groups } = await this.#transport.send(describeGroups, { groupIds: [groupId] })
      if (groups[0]?.errorCode === codeOf('GROUP_ID_NOT_FOUND')) return false
    } catch (error) {
      // Whatever else it is, the request itself will tell.
      if (isKafkaError(error, 'GROUP_ID_NOT_FOUND')) return false
    }
    this.#keep(groupId)
    return true
  }

  #keep(groupId: string): void {
    if (this.#known.size > mostKnownGroups) this.#known.clear()
    this.#known.add(groupId)
  }
}

/** The group that a request makes if it is not there. Members that are in it already make none. */
function madeBy({ name }: AnyOperation, request: unknown): string | undefined {
  switch (name) {
    case consumerGroupHeartbeat.name: {
      const { groupId, memberEpoch: epoch } = request as RequestOf<typeof consumerGroupHeartbeat>
      return epoch === memberEpoch.join ? groupId : undefined
    }
    case offsetCommit.name: {
      const { groupId, memberEpoch: epoch } = request as RequestOf<typeof offsetCommit>
      return epoch < 0 ? groupId : undefined
    }
    case txnOffsetCommit.name:
      return (request as RequestOf<typeof txnOffsetCommit>).groupId
    default:
      return undefined
  }
}
