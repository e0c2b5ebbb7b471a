/**
 * The address under which a member is reached by the others of its group. Kafka's protocol has no field for one that
 * every server keeps and shows, but the member's rack is: so an application whose members ask each other tells its
 * address as that, and reads it from there.
 */
export const memberAddress = {
  /** What a consumer with the address is configured with. */
  told(address: string | undefined): { rack?: string } {
    return address === undefined ? {} : { rack: address }
  },
  /** The address of a member, as `describeGroup` shows it; undefined for one that has told none. */
  of({ rack }: { readonly rack: string | null }): string | undefined {
    return rack || undefined
  },
}
