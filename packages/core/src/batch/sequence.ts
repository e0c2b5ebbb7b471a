const sequences = 2 ** 31

/** The sequence number so many records later: after the last 31-bit number they begin at 0 again. */
export function sequenceAfter(sequence: number, records: number): number {
  return (sequence + records) % sequences
}
