import { codeOf, createTopics, fetch, produce } from '@kafkado/core'
import type { FetchedPartition } from '@kafkado/core/protocol'
import { withStorage, MemoryStorage } from '@kafkado/broker/storage'
import { readRecordBatchHeader } from '@kafkado/core/internal'
import { batch } from '@kafkado/testing/conformance'
import { describe, expect, it } from 'vitest'

/** A disk that gives out the batch which ends at 5 with another offset; its checksum does not cover that. */
class LyingStorage extends MemoryStorage {
  by = 0

  override readBatches(...range: Parameters<MemoryStorage['readBatches']>): Uint8Array {
    const bytes = Uint8Array.from(super.readBatches(...range))
    const view = new DataView(bytes.buffer)
    for (let position = 0; position < bytes.length;) {
      const { baseOffset, lastOffset, sizeInBytes } = readRecordBatchHeader(bytes, position)
      if (lastOffset === 5) view.setBigInt64(position, BigInt(baseOffset + this.by))
      position += sizeInBytes
    }
    return bytes
  }
}

describe('a batch of which a disk gives out another offset', () => {
  it.each([1, -1, 2, -2, 2 ** 30, 2 ** 40, -(2 ** 30)])('is refused alone: by %d', async (by) => {
    const storage = new LyingStorage()
    const engine = withStorage(storage, {})
    const topics = [{ topic: 't', numPartitions: 1, replicationFactor: 1, configs: [] }]
    await engine.send(createTopics, { topics, timeoutMs: 1000, validateOnly: false })
    for (let sent = 0; sent < 5; sent++) {
      const partitions = [{ partition: 0, records: batch([{}, {}]) }]
      await engine.send(produce, {
        transactionalId: null,
        acks: -1,
        timeoutMs: 1000,
        topics: [{ topic: 't', partitions }],
      })
    }
    storage.by = by
    const read = async (fetchOffset: number): Promise<FetchedPartition | undefined> => {
      const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 1_000_000 }]
      const limits = { maxWaitMs: 0, minBytes: 1, maxBytes: 1_000_000, isolationLevel: 'read_committed' } as const
      const answer = await engine.send(fetch, { ...limits, topics: [{ topic: 't', partitions }] })
      return answer.topics[0]?.partitions[0]
    }
    // Twice: what is known to be damaged is read in another way.
    for (let times = 0; times < 2; times++) {
      const before = await read(0)
      expect(before?.errorCode).toBe(0)
      expect(endsOf(before?.records)).toEqual([1, 3])
      for (const offset of [4, 5]) expect((await read(offset))?.errorCode).toBe(codeOf('CORRUPT_MESSAGE'))
      expect(endsOf((await read(6))?.records)).toEqual([7, 9])
    }
    await engine.close()
  })
})

function endsOf(bytes: Uint8Array = new Uint8Array(0)): number[] {
  const ends: number[] = []
  for (let position = 0; position < bytes.length;) {
    const { lastOffset, sizeInBytes } = readRecordBatchHeader(bytes, position)
    ends.push(lastOffset)
    position += sizeInBytes
  }
  return ends
}
