import { type Admin, createAdmin, type ResetPosition } from '@kafkado/admin'
import { intercept, type Interceptor } from '@kafkado/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, places } from '../../../tests/clients/client-places.ts'

const startMs = Date.UTC(2026, 0, 1)
const [first, second, third] = [0, 1, 2].map((hour) => startMs + hour * 3_600_000) as [number, number, number]

/**
 * Partition 0 has offsets 0, 1, 2, one an hour; partition 1 has one record, from the second hour; partition 2 is empty.
 */
describe.each(Object.entries(places))('places in a topic, on %s', (_name, place) => {
  let under: ClientUnderTest
  let admin: ClientUnderTest['kafka']['admin']

  beforeEach(async () => {
    under = await place({ cleanupInterval: '1d' })
    ;({ admin } = under.kafka)
    await admin.createTopic('orders', { partitions: 3, retentionMs: -1 })
    const records = [
      { value: 'a', partition: 0, timestamp: first },
      { value: 'b', partition: 0, timestamp: second },
      { value: 'c', partition: 0, timestamp: third },
      { value: 'd', partition: 1, timestamp: second },
    ]
    // Each in its own batch, because offsets inside a batch are valid places too.
    for (const record of records) await under.kafka.producer<string>('orders').sendBatch([record])
  })
  afterEach(() => under.close())

  const starts = async (): Promise<number[]> =>
    (await admin.describeTopic('orders')).offsets
      .toSorted((one, other) => one.partition - other.partition)
      .map(({ earliest }) => earliest)
  const committed = async (): Promise<unknown[]> =>
    (await admin.describeGroup('g')).offsets
      .toSorted((one, other) => one.partition - other.partition)
      .map((offset) => offset.committed)

  /** Another writer adds a newer record each time after the offsets of logs were asked for. */
  const amongWriters = (): Admin => {
    const writing: Interceptor = (next) => async (operation, request, options) => {
      const response = await next(operation, request, options)
      if (operation.name === 'listOffsets')
        await under.kafka.produce('orders', 'young', { partition: 0, timestamp: third + 3_600_000 })
      return response
    }
    return createAdmin(intercept(under.transport, writing))
  }

  const positions: [place: 'earliest' | 'latest' | { timestamp: number }, offsets: number[]][] = [
    ['earliest', [0, 0, 0]],
    ['latest', [3, 1, 0]],
    [{ timestamp: first }, [0, 0, 0]],
    [{ timestamp: first + 1 }, [1, 0, 0]],
    [{ timestamp: third }, [2, 1, 0]],
    [{ timestamp: third + 1 }, [3, 1, 0]],
  ]

  describe('deleteRecords', () => {
    it.each(positions)('before %j: tells and has the new starts', async (before, offsets) => {
      expect([...(await admin.deleteRecords('orders', before)).values()]).toEqual(offsets)
      expect(await starts()).toEqual(offsets)
    })

    it('before a time: nothing that is younger and written meanwhile', async () => {
      expect((await amongWriters().deleteRecords('orders', { timestamp: third + 1 })).get(0)).toBe(3)
      expect(await starts()).toEqual([3, 1, 0])
    })

    it('before offsets of some partitions: the others keep theirs', async () => {
      expect(await admin.deleteRecords('orders', { 0: 2 })).toEqual(new Map([[0, 2]]))
      expect(await starts()).toEqual([2, 0, 0])
      // Deleted records stay deleted.
      expect(await admin.deleteRecords('orders', { 0: 1, 1: 1 })).toEqual(
        new Map([
          [0, 2],
          [1, 1],
        ]),
      )
    })

    it('before one offset in each: beyond the end of one, the others are deleted and the outcome is unknown', async () => {
      const deleting = admin.deleteRecords('orders', 1)
      await expect(deleting).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE', outcome: 'unknown' })
      await expect(deleting).rejects.toThrow(/'orders' partition 2/)
      expect(await starts()).toEqual([1, 1, 0])
    })

    it('beyond the end of all: nothing is deleted', async () => {
      await expect(admin.deleteRecords('orders', 9)).rejects.toMatchObject({
        code: 'OFFSET_OUT_OF_RANGE',
        outcome: 'failed',
      })
      expect(await starts()).toEqual([0, 0, 0])
    })

    it('of a partition or a topic that is not there: nothing is deleted', async () => {
      await expect(admin.deleteRecords('orders', { 0: 1, 3: 0 })).rejects.toMatchObject({
        code: 'PARTITION_NOT_FOUND',
        retriable: false,
      })
      expect(await starts()).toEqual([0, 0, 0])
      await expect(admin.deleteRecords('nowhere', 0)).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' })
    })
  })

  describe('resetOffsets', () => {
    it.each<[place: ResetPosition, offsets: number[]]>([
      ...positions,
      [{ offset: 1 }, [1, 1, 0]],
      [{ offset: 99 }, [3, 1, 0]],
    ])('to %j: tells and commits where the group goes on', async (position, offsets) => {
      expect([...(await admin.resetOffsets('g', 'orders', position)).values()]).toEqual(offsets)
      expect(await committed()).toEqual(offsets)
    })

    it('to a time: before all that is younger and written meanwhile', async () => {
      expect((await amongWriters().resetOffsets('g', 'orders', { timestamp: third + 1 })).get(0)).toBe(3)
      expect(await committed()).toEqual([3, 1, 0])
    })

    it('to an offset before the start of a log: to its start', async () => {
      await admin.deleteRecords('orders', { 0: 2 })
      expect([...(await admin.resetOffsets('g', 'orders', { offset: 1 })).values()]).toEqual([2, 1, 0])
    })

    it('goes back as well as forward, and members go on from there', async () => {
      await admin.resetOffsets('g', 'orders', 'latest')
      await admin.resetOffsets('g', 'orders', { timestamp: third })
      const consumer = under.kafka.consumer<string>('orders', { group: 'g' })
      const record = await consumer.next()
      expect(record.value).toBe('c')
      await record.commit()
      await expect(admin.resetOffsets('g', 'orders', 'earliest')).rejects.toMatchObject({ code: 'NON_EMPTY_GROUP' })
      await consumer.close()
      expect(await committed()).toEqual([3, 1, 0])
    })

    it('in a topic that is not there: commits nothing', async () => {
      await expect(admin.resetOffsets('g', 'nowhere', 'latest')).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' })
      expect(await admin.listGroups()).toEqual([])
    })
  })
})
