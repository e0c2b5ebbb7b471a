import type { Storage } from '@kafkado/broker/storage'
import type { Clock, Random } from '@kafkado/core'

export interface DiskBehaviour {
  /** How long a sync takes at most. */
  readonly syncMs: number
  /** Whether readers see what is handed over before it is synced, which a storage may do. */
  readonly isSeenAtOnce: boolean
}

/** What is asked of a disk now and then. */
export interface DiskFaults {
  /** The next sync takes so long. */
  stallMs: number
  /** The next sync fails: some of what was to be kept may be kept. */
  isFailing: boolean
  /** The next changes are refused, and nothing of them is kept. */
  isRefusing: boolean
  /** The disk is as good as full. */
  isFull: boolean
  /** The next read finds a bit that is another one. */
  isReadingWrongly: boolean
}

export const noDiskFaults: DiskFaults = {
  stallMs: 0,
  isFailing: false,
  isRefusing: false,
  isFull: false,
  isReadingWrongly: false,
}

/** What outlives the processes that write to it. */
export interface ServerDisk {
  readonly faults: DiskFaults
  /** What one engine process has of it. */
  process(clock: Clock, random: Random, behaviour: DiskBehaviour): ProcessStorage
}

export interface ProcessStorage extends Storage {
  readonly hasFailed: boolean
  /** The process ends here, and of what was not synced a part may have reached the disk. */
  crash(): void
}
