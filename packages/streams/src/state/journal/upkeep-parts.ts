import type { JournalFolder } from './journal-folder.ts'
import type { JournalSizes } from './journal-sizes.ts'
import type { JournalState } from './journal-state.ts'
import type { JournalWriter } from './journal-writer.ts'

/** Does something while nothing else is written. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>

export interface UpkeepParts {
  readonly folder: JournalFolder
  readonly state: JournalState
  readonly writer: JournalWriter
  readonly sizes: JournalSizes
  readonly inTurn: InTurn
  /** Called when a file's content has changed since it was written. */
  readonly onDamage: () => void
}
