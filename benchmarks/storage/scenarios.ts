import { EngineLog } from './engine-log.ts'
import { RawLog } from './raw-log.ts'
import type { StorageSubject } from './subject.ts'

export interface Scenario {
  readonly name: string
  /** Records of 200 bytes in a batch. */
  readonly records: number
  readonly inFlight: number
  readonly partitions?: number
  /** Readers that wait at the end. */
  readonly tails?: number
  /** Whether reads from the start are measured as well. */
  readonly isRead?: boolean
}

export const scenarios: readonly Scenario[] = [
  { name: '20 KB × 1', records: 100, inFlight: 1 },
  { name: '20 KB × 16', records: 100, inFlight: 16 },
  { name: '20 KB × 128', records: 100, inFlight: 128, isRead: true },
  { name: '20 KB × 128 over 16 partitions', records: 100, inFlight: 128, partitions: 16 },
  { name: '300 B × 1', records: 1, inFlight: 1 },
  { name: '300 B × 16', records: 1, inFlight: 16 },
  { name: '300 B × 128', records: 1, inFlight: 128, isRead: true },
  { name: '20 KB × 16, 8 readers at the end', records: 100, inFlight: 16, tails: 8 },
  { name: '300 B × 128, 8 readers at the end', records: 1, inFlight: 128, tails: 8 },
  { name: '300 B × 128 over 1,000 partitions', records: 1, inFlight: 128, partitions: 1000 },
  { name: '300 B × 128 over 10,000 partitions', records: 1, inFlight: 128, partitions: 10_000 },
]

export const subjects: Readonly<Record<string, (folder: string, partitions?: number) => Promise<StorageSubject>>> = {
  raw: (folder) => RawLog.open(folder),
  journal: (folder, partitions) => EngineLog.open(folder, 'journal', partitions),
  lmdb: (folder, partitions) => EngineLog.open(folder, 'lmdb', partitions),
  sqlite: (folder, partitions) => EngineLog.open(folder, 'sqlite', partitions),
}

/** What one subject did in one round. */
export interface Measurement {
  readonly appendsPerSecond: number
  /** Of the processor, by all threads of the process. */
  readonly cpuUsPerAppend: number
  readonly syncsPerAppend: number | undefined
  /** Bytes that went to the disk for each byte of a batch; undefined where the system does not count them. */
  readonly writtenPerByte: number | undefined
  readonly bytesReadPerSecond: number | undefined
}
