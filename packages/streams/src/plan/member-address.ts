/**
 * The address under which a member answers queries. Kafka's protocol has no field for it; what all members can read of
 * each other is the rack, so that is where the address is told and read.
 */
export const memberAddress = {
  /** What the consumer of a member with the address is configured with. */
  told(address: string | undefined): { rack?: string } {
    return address === undefined ? {} : { rack: address }
  },
  /** The address of a member, as `describeGroup` shows it; undefined for one that answers none. */
  of({ rack }: { readonly rack: string | null }): string | undefined {
    return rack || undefined
  },
}
