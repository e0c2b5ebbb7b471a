import { ManualClock } from '@kafkado/testing'
import * as fc from 'fast-check'
import {
  type Batch,
  type Consumer,
  type ConsumerConfig,
  createConsumer,
  type KafkaRecord,
  seededRandom,
  SerializationError,
} from 'kafkado'
import { expect, it } from 'vitest'
import { collect } from '../../../../tests/clients/client-places.ts'
import { inTime } from '../../../../tests/passing-time.ts'
import { type ExpectedRecord, makeLog, poison, randomLog } from './random-log.ts'
import { ServedLogs } from '../served-logs.ts'

const ways = ['records', 'iteration', 'values', 'values, then records', 'records, then values'] as const

const scenario = fc.record({
  logs: fc.array(randomLog, { minLength: 1, maxLength: 3 }),
  size: fc.integer({ min: 1, max: 20 }),
  from: fc.nat(5),
  batchesAtATime: fc.integer({ min: 1, max: 4 }),
  maxPollRecords: fc.integer({ min: 1, max: 10 }),
  ways: fc.array(fc.constantFrom(...ways), { minLength: 1, maxLength: 5 }),
})

/** A record as data, in the form of those that are expected. */
function plain(record: KafkaRecord<unknown>): ExpectedRecord {
  const { partition, offset, timestamp, key, value, headers } = record.toJSON()
  return { partition, offset, timestamp, key, value: isPoison(value) ? poison : value, headers } as ExpectedRecord
}

const isPoison = (value: unknown): boolean => typeof value === 'object' && value !== null && 'notDecoded' in value

/** What is read of a batch in one of the ways; the values alone where it makes no records. */
function read(batch: Batch<unknown>, way: (typeof ways)[number]): { records?: ExpectedRecord[]; values?: unknown } {
  const values = (): unknown => {
    try {
      return [...batch.values()]
    } catch (error) {
      if (SerializationError.is(error)) return error.message
      throw error
    }
  }
  const before = way.startsWith('values') ? { values: values() } : {}
  if (way === 'values') return before
  const records = (way === 'iteration' ? [...batch] : batch.records).map(plain)
  expect([...batch].every((record, index) => record === batch.records[index])).toBe(true)
  return { records, ...before, ...(way.endsWith('then values') ? { values: values() } : {}) }
}

/** What {@link read} has to give for these records. */
function expectedOf(batch: readonly ExpectedRecord[], way: (typeof ways)[number]): ReturnType<typeof read> {
  const bad = batch.find(({ value }) => value === poison)
  const where = bad && `topic 't' partition ${bad.partition} offset ${bad.offset}: the value is not valid`
  const values = where ? expect.stringContaining(where) : batch.map(({ value }) => value)
  return { ...(way === 'values' ? {} : { records: [...batch] }), ...(way.includes('values') ? { values } : {}) }
}

it('a batch is the records that one by one gives, however it is read, and its commit covers just them', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ logs, size, from, batchesAtATime, maxPollRecords, ways: chosen }) => {
      const made = await Promise.all(logs.map(makeLog))
      const expected = made.flatMap(({ expected: all }) => all).filter(({ offset }) => offset >= from)
      const clock = new ManualClock()
      const server = (): ServedLogs =>
        new ServedLogs(
          't',
          made.map(({ log }) => log),
          batchesAtATime,
        )
      const consumerOf = (transport: ServedLogs, config: ConsumerConfig = {}): Consumer => {
        const runtime = { clock, random: seededRandom(1) }
        const consumer = createConsumer(transport, 't', {
          group: 'g',
          autoCommit: false,
          maxPollRecords,
          runtime,
          ...config,
        })
        consumer.assign(made.map((_, partition) => ({ topic: 't', partition, offset: from })))
        return consumer
      }
      const inOrder = (records: readonly ExpectedRecord[]): ExpectedRecord[] =>
        records.toSorted((one, other) => one.partition - other.partition)

      const single = await inTime(collect(consumerOf(server()).take(expected.length)), clock)
      expect(inOrder(single.map(plain))).toEqual(expected)

      const transport = server()
      const reading = consumerOf(transport)
      const [given, committed]: [ExpectedRecord[], Map<number, number>] = [[], new Map()]
      const readAll = async (): Promise<void> => {
        for await (const batch of reading.batches({ size, timeout: 100 })) {
          expect(batch.size).toBeLessThanOrEqual(size)
          const way = chosen[given.length % chosen.length] as (typeof ways)[number]
          const found = read(batch, way)
          const records = batch.records.map(plain)
          expect(found).toEqual(expectedOf(records, way))
          given.push(...records)
          for (const { partition, offset } of records) committed.set(partition, offset + 1)
          await batch.commit()
          expect(transport.committed).toEqual(committed)
          if (given.length === expected.length) break
        }
      }
      if (expected.length > 0) await inTime(readAll(), clock)
      expect(inOrder(given)).toEqual(expected)

      const good = expected.filter(({ value }) => value !== poison)
      const skipping = consumerOf(server(), { onInvalid: 'skip' })
      const left: KafkaRecord<unknown>[] = []
      const skipAll = async (): Promise<void> => {
        for await (const { records } of skipping.batches({ size, timeout: 100 }))
          if (left.push(...records) === good.length) break
      }
      if (good.length > 0) await inTime(skipAll(), clock)
      expect(inOrder(left.map(plain))).toEqual(good)
    }),
    { numRuns: Number(process.env['KAFKADO_PROPERTY_RUNS'] ?? 100) },
  )
})
