import { memory } from '@kafkado/broker'
import { produce } from '@kafkado/core'
import { readRecordBatchHeader, readRecords, unpackRecordBatch, verifyChecksum } from '@kafkado/core/internal'
import type { ProduceRequest } from '@kafkado/core/protocol'
import fc from 'fast-check'
import { createConsumer, createProducer, DisconnectedError, intercept, type Transport } from 'kafkado'
import { expect, it } from 'vitest'

/** ASCII, text that is longer as UTF-8 than it looks, and both at lengths that are written in different ways. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
)
const record = fc.record({
  value: fc.record({ text }),
  key: fc.option(text),
  headers: fc.array(fc.tuple(text, text), { maxLength: 2 }),
})
const fate = fc.constantFrom('answered', 'lost on its way', 'answer lost')

it('whoever keeps the bytes of a request has what was sent, through retries and after the acknowledgement', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { minLength: 1, maxLength: 60 }),
      fc.array(fate, { maxLength: 12 }),
      fc.constantFrom('none' as const, 'gzip' as const),
      async (records, fates, compression) => {
        const engine = memory({ defaultPartitions: 1 })
        const kept: { readonly held: Uint8Array; readonly sent: Uint8Array }[] = []
        const left = [...fates]
        const transport: Transport = intercept(engine, (next) => async (operation, request, options) => {
          if (operation.name !== produce.name) return next(operation, request, options)
          const held = (request as ProduceRequest).topics[0]?.partitions[0]?.records as Uint8Array
          const header = readRecordBatchHeader(held)
          verifyChecksum(held, header)
          // What nobody can read fails here for good. An engine would have it split, by lengths that are wrong.
          readRecords(await unpackRecordBatch(held, header), () => undefined)
          kept.push({ held, sent: Uint8Array.from(held) })
          const what = left.shift() ?? 'answered'
          if (what === 'lost on its way') throw new DisconnectedError('the connection broke')
          const answer = await next(operation, request, options)
          if (what === 'answer lost') throw new DisconnectedError('the connection broke')
          return answer
        })
        // A batch that never arrives is given up soon.
        const limits = { retryBackoffMs: 0, deliveryTimeout: '10s' } as const
        const producer = createProducer(transport, 'orders', { batchSize: 500, compression, ...limits })
        // In some turns of several sends, so that batches follow each other while others are retried.
        for (const [index, { value, key, headers }] of records.entries()) {
          void producer.send(value, { headers, ...(key === null ? {} : { key }) })
          if (index % 7 === 6) await producer.ready()
        }
        await producer.close()
        expect(producer.metrics().recordsDelivered).toBe(records.length)
        for (const { held, sent } of kept) expect(Buffer.compare(held, sent)).toBe(0)
        const read: unknown[] = []
        for await (const one of createConsumer(engine, 'orders', { group: 'readers' }).take(records.length)) {
          const headers = one.rawHeaders.map(([name, content]) => [name, Buffer.from(content ?? []).toString()])
          read.push({ value: one.value, key: one.key, headers })
        }
        expect(read).toEqual(records)
        await engine.close()
      },
    ),
    // The first failure is told as it is: smaller ones take their time as well.
    { numRuns: Number(process.env['KAFKADO_PROPERTY_RUNS'] ?? 60), endOnFailure: true },
  )
})
