import { isObject } from '@kafkado/core/internal'
import type { Checkpoint } from '../state-storage.ts'
import { isCount, isListOf, mostFileNumber } from './stored-json.ts'

/** The number of possible store numbers. */
export const storeNumbers: number = 2 ** 16

/** The state besides the records, at the end of each unit, in heads and in snapshots. */
export interface JournalMeta {
  readonly checkpoint: Checkpoint
  /** The number of each store. A cleared store gets another number, so that no older record belongs to it. */
  readonly stores: readonly (readonly [name: string, number: number])[]
  /** The ids of the files in use, and how many bytes of their records count. */
  readonly files: readonly (readonly [id: number, liveBytes: number])[]
}

export function isMeta(value: unknown): value is JournalMeta {
  if (!isObject(value) || !isObject(value['checkpoint'])) return false
  return (
    Object.values(value['checkpoint']).every(isStoreCheckpoint) &&
    isListOf(
      value['stores'],
      isNamedStore,
      ([name]) => name,
      ([, number]) => number,
    ) &&
    isListOf(value['files'], isFileInUse, ([id]) => id)
  )
}

function isStoreCheckpoint(value: unknown): boolean {
  return isObject(value) && isCount(value['offset']) && Number.isFinite(value['observedTime'])
}

function isNamedStore(value: unknown): value is readonly [name: string, number: number] {
  return Array.isArray(value) && typeof value[0] === 'string' && isCount(value[1], 0, storeNumbers - 1)
}

function isFileInUse(value: unknown): value is readonly [id: number, liveBytes: number] {
  return Array.isArray(value) && isCount(value[0], 1, mostFileNumber) && isCount(value[1])
}
