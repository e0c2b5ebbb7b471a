import { offsetCommit } from '@kafkado/core'
import type { OffsetCommitRequest } from '@kafkado/core/protocol'
import { ManualClock } from '@kafkado/testing'
import {
  type Consumer,
  createConsumer,
  createTransactionalProducer,
  type KafkaRecord,
  type Runtime,
  seededRandom,
  type TransactionalProducer,
} from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, deferred, places } from '../client-places.ts'
import { inTime, until } from '../../passing-time.ts'

/** How three records are read one by one. */
const readers: Record<string, (consumer: Consumer<string>) => () => Promise<KafkaRecord<string>>> = {
  'next()': (consumer) => () => consumer.next(),
  'an iterator': (consumer) => {
    const loop = consumer[Symbol.asyncIterator]()
    return async () => (await loop.next()).value as KafkaRecord<string>
  },
}

describe.each(Object.entries(places))('automatic commits beside transactions, on %s', (_name, place) => {
  let under: ClientUnderTest
  let clock: ManualClock
  let made: { close(): Promise<unknown> }[]
  let consumer: Consumer<string>
  let producer: TransactionalProducer
  let runtime: Runtime

  beforeEach(async () => {
    clock = new ManualClock()
    made = []
    under = await place({ runtime: { clock, random: seededRandom(1) }, heartbeatInterval: 100, defaultPartitions: 2 })
    runtime = { clock, random: seededRandom(2) }
    const values = ['a', 'b', 'c', 'd', 'e'].map((value) => ({ value, partition: 0 }))
    await passing(under.kafka.producer<string>('in').sendBatch(values))
    consumer = createConsumer<string>(under.transport, 'in', { group: 'g', autoCommitInterval: '1s', runtime })
    producer = createTransactionalProducer(under.transport, { transactionalId: 't', runtime })
    made.push(producer, consumer)
  })
  afterEach(async () => {
    await passing(Promise.all(made.map((one) => one.close())))
    await passing(under.close())
  })

  const passing = <T>(promise: Promise<T>): Promise<T> => inTime(promise, clock, 20)
  const afterMs = (ms: number): Promise<void> => {
    const sinceMs = clock.monotonic()
    return until(() => clock.monotonic() - sinceMs > ms, clock, 20)
  }
  const committed = async (): Promise<number | undefined> => {
    const { offsets } = await passing(under.kafka.admin.describeGroup('g'))
    return offsets.find(({ topic, partition }) => topic === 'in' && partition === 0)?.committed ?? undefined
  }

  /** What happens in the body after its records were read: none of them may be committed by it. */
  const ends: Record<string, (other: () => Consumer<string>) => Promise<unknown>> = {
    'its body fails': () => Promise.reject(new Error('no')),
    'its body fails after the interval': async () => {
      await afterMs(3000)
      throw new Error('no')
    },
    'the consumer is closed in its body': () => consumer.close(),
    'its body moves on over a record and fails': async () => {
      consumer.seek({ topic: 'in', partition: 0, offset: 4 })
      await consumer.next()
      await afterMs(3000)
      throw new Error('no')
    },
    'its timeout is over before it writes anything': async () => {
      await afterMs(90_000)
      throw new Error('no')
    },
    'markers come behind what was read': async () => {
      const waiting = consumer.next()
      waiting.catch(() => undefined)
      const other = createTransactionalProducer(under.transport, { transactionalId: 'other', runtime })
      made.push(other)
      await other.transaction((tx) => tx.send('in', 'x', { partition: 0 })).catch(() => undefined)
      throw new Error('no')
    },
    'another member takes the partition': async (other) => {
      other()
        .next()
        .catch(() => undefined)
      await until(() => consumer.assignment().every(({ partition }) => partition !== 0), clock, 20)
    },
  }

  const cases = Object.keys(ends)
    .flatMap((end) => Object.keys(readers).map((reader) => ({ end, reader })))
    // A loop finishes the record in hand before its partition goes.
    .filter(({ end, reader }) => end !== 'another member takes the partition' || reader === 'next()')

  it.each(cases)('leave to a transaction what its body has read by $reader, when $end', async ({ end, reader }) => {
    const others: Consumer<string>[] = []
    const other = (): Consumer<string> => {
      const one = createConsumer<string>(under.transport, 'in', { group: 'g', autoCommit: false, runtime })
      others.push(one)
      made.push(one)
      return one
    }
    const read = readers[reader]?.(consumer) as () => Promise<KafkaRecord<string>>
    const refused = producer.transaction(async (tx) => {
      for (const value of ['a', 'b', 'c']) {
        const record = await read()
        expect(record.value).toBe(value)
        await tx.send('out', record.value)
      }
      await ends[end]?.(other)
      await tx.commitOffsets(consumer)
    })
    await expect(passing(refused)).rejects.toBeInstanceOf(Error)
    await passing(Promise.all([consumer, ...others].map((one) => one.close())))
    expect((await committed()) ?? 0).toBe(0)
  })

  it('are none from the first commitOffsets on, which commits all that was read', async () => {
    await passing(
      producer.transaction(async (tx) => {
        for (let read = 0; read < 3; read++) await consumer.next()
        await afterMs(3000)
        await tx.commitOffsets(consumer)
      }),
    )
    expect(await committed()).toBe(3)
  })

  it('go on when a transaction is over that was about something else', async () => {
    await passing(
      producer.transaction(async (tx) => {
        await tx.send('out', 'x')
        for (let read = 0; read < 3; read++) await consumer.next()
        await afterMs(3000)
        expect((await committed()) ?? 0).toBe(0)
      }),
    )
    await afterMs(2000)
    expect(await committed()).toBe(2)
  })

  it('go on when a record is processed that was read after an abort', async () => {
    const aborted = producer.transaction(async () => {
      for (let read = 0; read < 3; read++) await consumer.next()
      throw new Error('no')
    })
    await expect(passing(aborted)).rejects.toThrow('no')
    await afterMs(2000)
    expect((await committed()) ?? 0).toBe(0)
    await passing(consumer.next())
    await afterMs(2000)
    expect((await committed()) ?? 0).toBe(0)
    await passing(consumer.next())
    await afterMs(2000)
    expect(await committed()).toBe(4)
  })

  it('are those of other consumers while a transaction is open, or hangs, or others fail', async () => {
    const never = new Promise<never>(() => undefined)
    void producer.transaction(() => never).catch(() => undefined)
    const failing = createTransactionalProducer(under.transport, { transactionalId: 'failing', runtime })
    made.push(failing)
    await afterMs(100)
    for (let read = 0; read < 3; read++) {
      await expect(passing(failing.transaction(() => Promise.reject(new Error('no'))))).rejects.toThrow('no')
      await passing(consumer.next())
    }
    await afterMs(2000)
    expect(await committed()).toBe(2)
    await passing(consumer.close())
    expect(await committed()).toBe(2)
  })

  it('are made up for when the transaction is committed whose body left the group', async () => {
    const seen: string[] = []
    for (let run = 0; run < 2; run++) {
      await passing(
        producer.transaction(async (tx) => {
          for await (const { value } of consumer.take(2)) {
            seen.push(value)
            await tx.send('out', value)
          }
          expect((await committed()) ?? 0).toBe(run * 2)
        }),
      )
      expect(await committed()).toBe(run * 2 + 2)
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd'])
  })

  it('are not made up for when it is aborted', async () => {
    const refused = producer.transaction(async () => {
      for await (const { value } of consumer.take(2)) expect(value).toBeDefined()
      throw new Error('no')
    })
    await expect(passing(refused)).rejects.toThrow('no')
    expect((await committed()) ?? 0).toBe(0)
  })

  it.each(['an abort', 'a commit'])(
    'go on with what is read after %s by a loop that was begun in the body',
    async (end) => {
      const read: string[] = []
      let reading: Promise<void> | undefined
      const transaction = producer.transaction(async () => {
        reading = consumer.forEach(({ value }) => void read.push(value))
        if (end === 'an abort') throw new Error('no')
      })
      await passing(transaction).catch(() => undefined)
      await until(() => read.length === 5, clock, 20)
      await passing(under.kafka.produce('in', 'f', { partition: 0 }))
      await until(() => read.length === 6, clock, 20)
      await afterMs(2000)
      expect(await committed()).toBe(6)
      await passing(Promise.all([consumer.close(), reading]))
    },
  )

  it.each([
    { inner: 'commits', outer: 'aborts', kept: 0 },
    { inner: 'commits', outer: 'commits', kept: 2 },
    { inner: 'aborts', outer: 'commits', kept: 0 },
  ])(
    'leave to both what is read in a transaction that $inner within one that $outer',
    async ({ inner, outer, kept }) => {
      const other = createTransactionalProducer(under.transport, { transactionalId: 'inner', runtime })
      made.push(other)
      const endIn = (how: string): void => {
        if (how === 'aborts') throw new Error('no')
      }
      const outermost = producer.transaction(async () => {
        const innermost = other.transaction(async () => {
          for (let read = 0; read < 3; read++) await consumer.next()
          endIn(inner)
        })
        await innermost.catch(() => undefined)
        await afterMs(3000)
        expect((await committed()) ?? 0).toBe(0)
        endIn(outer)
      })
      await passing(outermost).catch((error: Error) => expect(error.message).toBe('no'))
      await afterMs(2000)
      expect((await committed()) ?? 0).toBe(kept)
    },
  )

  it('are made up for when the outer one of two transactions is committed whose bodies left the group', async () => {
    const other = createTransactionalProducer(under.transport, { transactionalId: 'inner', runtime })
    made.push(other)
    const both = producer.transaction(async () => {
      await other.transaction(async () => {
        for await (const { value } of consumer.take(2)) expect(value).toBeDefined()
      })
      expect((await committed()) ?? 0).toBe(0)
    })
    await passing(both)
    expect(await committed()).toBe(2)
  })

  it('go on after a call of commitOffsets that was wrong', async () => {
    const handled = deferred()
    const reading = consumer.parallel({ concurrency: 2 }, async ({ value }) => {
      if (value === 'a')
        await producer
          .transaction((tx) => tx.commitOffsets(consumer))
          .catch((error: unknown) => {
            expect(error).toMatchObject({ code: 'INVALID_REQUEST' })
          })
      if (value === 'e') handled.resolve()
    })
    await passing(handled.promise)
    await afterMs(2000)
    expect(await committed()).toBe(5)
    await passing(Promise.all([consumer.close(), reading]))
  })

  /** A member of the group has committed so many records, and has left. */
  const committedBefore = async (count: number): Promise<void> => {
    const other = createConsumer<string>(under.transport, 'in', { group: 'g', autoCommit: false, runtime })
    made.push(other)
    for (let read = 1; read < count; read++) await passing(other.next())
    const record = await passing(other.next())
    await passing(record.commit())
    await passing(other.close())
  }
  /** Where every reader of the group begins, and what lies before the next record. */
  const beginnings: Record<string, () => Promise<unknown>> = {
    'at the first record': () => Promise.resolve(),
    'where all records were deleted': () => passing(under.kafka.admin.deleteRecords('in', { 0: 5 })),
    'behind a commit, with aborted records': async () => {
      await committedBefore(5)
      const aborted = producer.transaction(async (tx) => {
        await tx.send('in', 'x', { partition: 0 })
        throw new Error('no')
      })
      await expect(passing(aborted)).rejects.toThrow('no')
    },
    'behind a commit, with deleted records': async () => {
      await committedBefore(2)
      await passing(under.kafka.admin.deleteRecords('in', { 0: 5 }))
    },
  }

  it.each(Object.keys(beginnings))(
    'are none before the first transaction, which they could take back: %s',
    async (at) => {
      await beginnings[at]?.()
      const before = under.requests.length
      const reading = consumer.next()
      await afterMs(3000)
      await passing(under.kafka.produce('in', 'y', { partition: 0 }))
      const record = await passing(reading)
      await afterMs(3000)
      await passing(producer.transaction((tx) => tx.commitOffsets(consumer)))
      expect(await committed()).toBe(record.offset + 1)
      // What was sent before arrives once more, as requests do that a network or a proxy has held.
      for (const { request } of under.requests.slice(before).filter(({ operation }) => operation === offsetCommit.name))
        await passing(under.transport.send(offsetCommit, request as unknown as OffsetCommitRequest))
      expect(await committed()).toBe(record.offset + 1)
    },
  )

  /** Where another reader would begin elsewhere, behind a commit where there is one. */
  const moves = [
    { by: 'seek()', commit: 0, move: () => seekTo(3), to: 3 },
    { by: 'seek() back', commit: 4, move: () => seekTo(1), to: 1 },
    { by: 'seekToTimestamp()', commit: 0, move: () => consumer.seekToTimestamp(clock.now() + 60_000), to: 5 },
    { by: 'seekToTimestamp() back', commit: 4, move: () => consumer.seekToTimestamp(0), to: 0 },
  ].flatMap((move) => [
    { ...move, isReading: false, when: 'before partitions are assigned' },
    { ...move, isReading: true, when: 'afterwards' },
  ])
  const seekTo = async (offset: number): Promise<void> => consumer.seek({ topic: 'in', partition: 0, offset })

  it.each(moves)('say where a reader was sent by $by, $when, also where it reads nothing', async (one) => {
    if (one.commit > 0) await committedBefore(one.commit)
    if (one.isReading) await passing(consumer.next())
    await passing(one.move())
    if (!one.isReading) consumer.next().catch(() => undefined)
    await until(() => consumer.assignment().length > 0, clock, 20)
    await afterMs(3000)
    expect(await committed()).toBe(one.to)
  })

  it('say where the end was that a reader goes on at, as its position was deleted', async () => {
    await committedBefore(2)
    await passing(under.kafka.admin.deleteRecords('in', { 0: 5 }))
    const atTheEnd = { group: 'g', offset: 'latest', autoCommitInterval: '1s', runtime } as const
    const late = createConsumer<string>(under.transport, 'in', atTheEnd)
    made.push(late)
    late.next().catch(() => undefined)
    await until(() => late.assignment().length > 0, clock, 20)
    await afterMs(3000)
    expect(await committed()).toBe(5)
  })
})
