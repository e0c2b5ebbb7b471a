import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embedded, type EmbeddedTransport } from '@kafkado/broker'
import { initProducerId, metadata, produce } from '@kafkado/core'
import { RecordBatchBuilder } from '@kafkado/core/internal'
import type { Dimension } from '../dimension.ts'

const atATime = 64

/** So many idempotent producers write a batch each to one partition on disk, which is then opened again. */
export const producers: Dimension = {
  name: 'producers',
  sizes: [1000, 10_000, 100_000],
  async run(size, meter) {
    const folder = await mkdtemp(join(tmpdir(), 'kafkado-bench-'))
    try {
      const first = embedded(folder)
      await first.send(metadata, { topics: ['orders'], allowAutoTopicCreation: true })
      meter.start()
      await Promise.all(Array.from({ length: atATime }, (_, lane) => writeAll(first, lane, size)))
      meter.stop('write, for each producer', size)
      await first.close()
      meter.start()
      const second = embedded(folder)
      await second.open()
      meter.stop('open, for each producer', size)
      await writeOne(second)
      meter.stop('first write afterwards', size)
      await second.close()
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}

async function writeAll(engine: EmbeddedTransport, lane: number, size: number): Promise<void> {
  for (let index = lane; index < size; index += atATime) await writeOne(engine)
}

async function writeOne(engine: EmbeddedTransport): Promise<void> {
  const identity = await engine.send(initProducerId, {
    transactionalId: null,
    transactionTimeoutMs: 60_000,
    producerId: -1,
    producerEpoch: -1,
  })
  const builder = new RecordBatchBuilder()
  builder.append({ timestamp: Date.UTC(2026, 10, 24), key: 'key', value: 'value', headers: [] })
  const { producerId, producerEpoch } = identity
  const records = builder.build({ producerId, producerEpoch, baseSequence: 0 })
  if (records instanceof Promise) throw new Error('a batch without compression is built at once')
  const { topics } = await engine.send(produce, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 60_000,
    topics: [{ topic: 'orders', partitions: [{ partition: 0, records }] }],
  })
  const code = topics[0]?.partitions[0]?.errorCode
  if (code !== 0) throw new Error(`the write failed with ${code}`)
}
