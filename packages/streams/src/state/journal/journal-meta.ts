import type { Checkpoint } from '../state-storage.ts'

/** The state besides the records, at the end of each unit, in heads and in snapshots. */
export interface JournalMeta {
  readonly checkpoint: Checkpoint
  /** The number of each store. A cleared store gets another number, so that no older record belongs to it. */
  readonly stores: readonly (readonly [name: string, number: number])[]
  /** The ids of the files in use, and how many bytes of their records count. */
  readonly files: readonly (readonly [id: number, liveBytes: number])[]
}
