/** A table's entry for a key. */
export interface TableRow {
  /** May be a copy with each read. */
  readonly value: unknown
  readonly timestamp: number
}
