/** The offsets that a transaction commits for a group, and the member that commits them. */
export interface TransactionOffsets {
  readonly groupId: string
  readonly groupInstanceId: string | null
  /**
   * The committing member as of now; '' and −1 for a reader outside the group. Ask again for each attempt.
   *
   * @throws MemberFencedError when a partition has been lost since its records were read: the transaction must then be
   *   aborted
   */
  readonly member: () => { readonly memberId: string; readonly memberEpoch: number }
  /** Learns the member's new epoch, when the group says that the last one is over. */
  renewMember(): Promise<void>
  /** The offset of the next record to read, by partition. */
  readonly offsets: readonly { readonly topic: string; readonly partition: number; readonly offset: number }[]
  /** Call it when the transaction is committed. */
  onCommitted(): void
  /** Call it when the transaction is aborted, or its outcome is unknown. */
  onAborted(): void
}
