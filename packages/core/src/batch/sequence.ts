const sequences = 2 ** 31

/** The sequence number that many records later: after the last 31-bit number it starts at 0 again. */
export function sequenceAfter(sequence: number, records: number): number {
  return (sequence + records) % sequences
}
