import type { Checkpoint } from '../state-storage.ts'

/** What is in force beside the records, as it stands at the end of each unit, in heads and in snapshots. */
export interface JournalMeta {
  readonly checkpoint: Checkpoint
  /** The number of each store. One that was cleared has another number from then on: no older record is its own. */
  readonly stores: readonly (readonly [name: string, number: number])[]
  /** The ids of the files that are needed, and how many bytes of their records count. */
  readonly files: readonly (readonly [id: number, liveBytes: number])[]
}
