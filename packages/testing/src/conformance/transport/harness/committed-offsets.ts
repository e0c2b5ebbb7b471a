import { offsetCommit, offsetFetch } from '@kafkado/core'
import type { GetHarness } from './harness.ts'

/** Commits and reads offsets of groups, one partition at a time. */
export class CommittedOffsets {
  readonly #get: GetHarness

  constructor(get: GetHarness) {
    this.#get = get
  }

  /** The error code of the partition. */
  async commit(
    groupId: string,
    topic: string,
    committedOffset: number,
    member: { memberId: string; memberEpoch: number } = { memberId: '', memberEpoch: -1 },
    partition = 0,
    committedMetadata = 'note',
  ): Promise<number | undefined> {
    const partitions = [{ partition, committedOffset, committedLeaderEpoch: -1, committedMetadata }]
    const request = { groupId, ...member, groupInstanceId: null, topics: [{ topic, partitions }] }
    return (await this.#get().transport.send(offsetCommit, request)).topics[0]?.partitions[0]?.errorCode
  }

  async committed(
    groupId: string,
    topic: string,
    partition = 0,
    member: { memberId: string | null; memberEpoch: number } = { memberId: null, memberEpoch: -1 },
  ): Promise<{ errorCode: number; committedOffset: number; metadata: string | null } | undefined> {
    const request = { groupId, ...member, topics: [{ topic, partitions: [partition] }], requireStable: true }
    return (await this.#get().transport.send(offsetFetch, request)).topics[0]?.partitions[0]
  }
}
