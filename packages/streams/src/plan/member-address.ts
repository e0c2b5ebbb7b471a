/**
 * The address where a member answers queries. Kafka's protocol has no field for it. All members can read one another's
 * rack, so the rack carries the address.
 */
export const memberAddress = {
  /** The consumer options of a member with the address. */
  told(address: string | undefined): { rack?: string } {
    return address === undefined ? {} : { rack: address }
  },
  /** The address of a member, as `describeGroup` shows it; undefined if it answers no queries. */
  of({ rack }: { readonly rack: string | null }): string | undefined {
    return rack || undefined
  },
}
