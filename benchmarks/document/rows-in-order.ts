import { comparisons } from '../targets/comparisons.ts'
import type { KeptRow, Results } from './results.ts'

/** The rows that were measured, in the order of the table. */
export function rowsInOrder({ rows }: Results): KeptRow[] {
  return comparisons.flatMap(({ targets }) => targets.flatMap(({ name }) => rows[name] ?? []))
}
