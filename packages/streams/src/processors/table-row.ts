/** What a table holds for a key. */
export interface TableRow {
  /** May be a copy each time it is asked for. */
  readonly value: unknown
  readonly timestamp: number
}
