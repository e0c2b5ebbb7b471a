import type { Storage, StorageChanges } from '@kafkado/broker/storage'
import type { Random } from '@kafkado/core'
import type { ProcessStorage, ServerDisk } from './server-disk.ts'
import { withWrongBit } from './wrong-bit.ts'

/**
 * What one engine process has of a disk: it looks things up in what it knows of it, where a read may find a wrong bit.
 */
export abstract class ReadingStorage implements ProcessStorage {
  abstract readonly kind: Storage['kind']
  abstract readonly hasFailed: boolean
  readonly releasesBytes = true
  readonly #disk: Pick<ServerDisk, 'faults'>
  readonly #random: Random

  constructor(disk: Pick<ServerDisk, 'faults'>, random: Random) {
    this.#disk = disk
    this.#random = random
  }

  /** Where it looks things up. */
  protected abstract readonly found: Storage

  abstract open(): Promise<void>
  abstract commit(changes: StorageChanges): Promise<void>
  abstract removeBatches(logId: number, beforeOffset: number | null): Promise<boolean>
  abstract reclaim(): Promise<void>
  abstract close(): Promise<void>
  abstract crash(): void

  readBatches(...given: Parameters<Storage['readBatches']>): Uint8Array {
    return withWrongBit(this.found.readBatches(...given), this.#disk.faults, this.#random)
  }

  lastOffset(logId: number): number {
    return this.found.lastOffset(logId)
  }

  lastOffsetOfBatch(logId: number, offset: number): number | undefined {
    return this.found.lastOffsetOfBatch(logId, offset)
  }

  indexEntryBeforeTimestamp(...given: Parameters<Storage['indexEntryBeforeTimestamp']>) {
    return this.found.indexEntryBeforeTimestamp(...given)
  }

  indexEntryAtOrBefore(...given: Parameters<Storage['indexEntryAtOrBefore']>) {
    return this.found.indexEntryAtOrBefore(...given)
  }

  indexEntryAtOrBeforePosition(...given: Parameters<Storage['indexEntryAtOrBeforePosition']>) {
    return this.found.indexEntryAtOrBeforePosition(...given)
  }

  readMetadata: Storage['readMetadata'] = (kind) => this.found.readMetadata(kind)

  freeBytes(): Promise<number> {
    return Promise.resolve(this.#disk.faults.isFull ? 0 : Number.POSITIVE_INFINITY)
  }
}
