/** What a transaction commits for a group, and as which of its members. */
export interface TransactionOffsets {
  readonly groupId: string
  readonly groupInstanceId: string | null
  /**
   * As whom to commit now: '' and −1 for who reads without being a member. To be asked for each attempt.
   *
   * @throws MemberFencedError when a partition has been lost since its records were read: then the transaction must
   *   be aborted
   */
  readonly member: () => { readonly memberId: string; readonly memberEpoch: number }
  /** Learns the member's present epoch, when the group says that the last one is over. */
  renewMember(): Promise<void>
  /** The offset of the next record to read, by partition. */
  readonly offsets: readonly { readonly topic: string; readonly partition: number; readonly offset: number }[]
  /** To be called when the transaction is committed. */
  onCommitted(): void
  /** To be called when it is aborted, or nobody can tell how it ended. */
  onAborted(): void
}
