import { EngineLog } from './engine-log.ts'
import { RawLog } from './raw-log.ts'
import type { StorageSubject } from './subject.ts'

export interface Scenario {
  readonly name: string
  /** Records of 200 bytes in a batch. */
  readonly records: number
  readonly inFlight: number
  readonly partitions?: number
  readonly appends: number
}

export const scenarios: readonly Scenario[] = [
  { name: '20 KB batches, 128 in flight', records: 100, inFlight: 128, appends: 6000 },
  { name: '20 KB batches, 128 in flight, 16 partitions', records: 100, inFlight: 128, partitions: 16, appends: 6000 },
  { name: '20 KB batches, 16 in flight', records: 100, inFlight: 16, appends: 3000 },
  { name: '20 KB batches, 1 in flight', records: 100, inFlight: 1, appends: 400 },
  { name: '300 B batches, 128 in flight', records: 1, inFlight: 128, appends: 30_000 },
  { name: '300 B batches, 1 in flight', records: 1, inFlight: 1, appends: 500 },
]

export const subjects: Readonly<Record<string, (folder: string, partitions?: number) => Promise<StorageSubject>>> = {
  raw: (folder) => RawLog.open(folder),
  engine: (folder, partitions) => EngineLog.open(folder, 'journal', partitions),
  'engine on LMDB': (folder, partitions) => EngineLog.open(folder, 'lmdb', partitions),
  'engine on SQLite': (folder, partitions) => EngineLog.open(folder, 'sqlite', partitions),
}

export interface Measurement {
  readonly appendsPerSecond: number
  readonly bytesReadPerSecond: number
}
