import { setImmediate as turn } from 'node:timers/promises'
import { sleep } from '@kafkado/core/internal'
import { ManualClock } from '@kafkado/testing'
import { type KafkaRecord, seededRandom } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, deferred, type Place, places } from '../../../../tests/clients/client-places.ts'
import { inTime, until } from '../../../../tests/passing-time.ts'

describe.each(Object.entries(places))('parallel consumption on %s', (_name, place) => {
  let under: ClientUnderTest

  beforeEach(async () => {
    under = await place({ defaultPartitions: 3 })
  })
  afterEach(() => under.close())

  interface Job {
    readonly key: string
    readonly step: number
  }

  async function seedJobs(keys: number, steps: number): Promise<void> {
    const jobs = Array.from({ length: steps }, (_, step) =>
      Array.from({ length: keys }, (_unused, key) => ({ key: `key-${key}`, value: { key: `key-${key}`, step } })),
    ).flat()
    await under.kafka.producer<Job>('jobs').sendBatch(jobs)
  }

  const committed = async (group: string): Promise<number> => {
    const { offsets } = await under.kafka.admin.describeGroup(group)
    return offsets.reduce((sum, { committed: offset }) => sum + Math.max(offset ?? 0, 0), 0)
  }

  it('keeps the order of every key, with handlers of random duration', async () => {
    await seedJobs(20, 15)
    const random = seededRandom(7)
    const seen = new Map<string, number[]>()
    let [running, most, handled] = [0, 0, 0]
    const consumer = under.kafka.consumer<Job>('jobs', { group: 'g' })
    await consumer.parallel({ concurrency: 10 }, async ({ value }) => {
      most = Math.max(most, ++running)
      for (let left = Math.floor(random.next() * 20); left > 0; left--) await turn()
      seen.set(value.key, [...(seen.get(value.key) ?? []), value.step])
      running--
      if (++handled === 300) void consumer.close()
    })
    expect(most).toBe(10)
    expect(seen.size).toBe(20)
    for (const steps of seen.values()) expect(steps).toEqual([...Array(15).keys()])
    expect(await committed('g')).toBe(300)
  })

  it('keeps the order of partitions when asked to', async () => {
    await seedJobs(6, 10)
    const random = seededRandom(3)
    const offsets = new Map<number, number[]>()
    const running = new Set<number>()
    let handled = 0
    const consumer = under.kafka.consumer<Job>('jobs', { group: 'g' })
    await consumer.parallel({ concurrency: 10, ordering: 'partition' }, async ({ partition, offset }) => {
      expect(running.has(partition)).toBe(false)
      running.add(partition)
      for (let left = Math.floor(random.next() * 10); left > 0; left--) await turn()
      running.delete(partition)
      offsets.set(partition, [...(offsets.get(partition) ?? []), offset])
      if (++handled === 60) void consumer.close()
    })
    for (const list of offsets.values()) expect(list).toEqual([...Array(list.length).keys()])
  })

  it('runs records of one key at a time when no order is asked for', async () => {
    await seedJobs(1, 8)
    let [running, handled] = [0, 0]
    const consumer = under.kafka.consumer<Job>('jobs', { group: 'g' })
    const reached = deferred()
    await consumer.parallel({ concurrency: 8, ordering: 'unordered' }, async () => {
      if (++running === 8) reached.resolve()
      await reached.promise
      if (++handled === 8) void consumer.close()
    })
    expect(handled).toBe(8)
  })

  it('commits up to the lowest record that is not finished, and repeats it after a crash', async () => {
    await under.kafka.producer('jobs').sendBatch([0, 1, 2, 3, 4].map((value) => ({ value, partition: 0 })))
    const consumer = under.kafka.consumer<number>('jobs', { group: 'g' })
    const blocked = deferred()
    let finished = 0
    const reading = consumer.parallel({ concurrency: 5, ordering: 'unordered' }, async ({ value }) => {
      if (value === 2) await blocked.promise
      else finished++
    })
    while (finished < 4) await turn()
    await consumer.commit()
    expect(await committed('g')).toBe(2)
    blocked.resolve()
    await consumer.close()
    await reading
    expect(await committed('g')).toBe(5)
  })

  it('waits for the handlers that run, commits what they did, and rejects with the error of the first that failed', async () => {
    await under.kafka.producer('jobs').sendBatch([0, 1, 2].map((value) => ({ value, partition: 0 })))
    const consumer = under.kafka.consumer<number>('jobs', { group: 'g' })
    const failed = deferred()
    const reading = consumer.parallel({ concurrency: 3, ordering: 'unordered' }, async ({ value }) => {
      if (value === 0) {
        await failed.promise
        return
      }
      if (value === 1) {
        failed.resolve()
        throw new RangeError('handler of 1')
      }
    })
    await expect(reading).rejects.toThrow(new RangeError('handler of 1'))
    expect(await committed('g')).toBe(1)
  })

  it('ends by its signal, after the handlers that run', async () => {
    await seedJobs(4, 4)
    const stop = new AbortController()
    const ended: number[] = []
    await under.kafka
      .consumer<Job>('jobs', { group: 'g' })
      .parallel({ concurrency: 2, signal: stop.signal }, async ({ value }) => {
        stop.abort()
        await turn()
        ended.push(value.step)
      })
    expect(ended.length).toBeGreaterThan(0)
    expect(await committed('g')).toBe(ended.length)
  })

  it('begins no handler once its signal has aborted, however many records wait', async () => {
    await seedJobs(20, 5)
    const stop = new AbortController()
    let begunAfterwards = 0
    const consumer = under.kafka.consumer<Job>('jobs', { group: 'g' })
    await consumer.parallel({ concurrency: 3, ordering: 'unordered', signal: stop.signal }, async () => {
      if (stop.signal.aborted) begunAfterwards++
      await Promise.resolve()
      stop.abort()
    })
    expect(begunAfterwards).toBe(0)
    await consumer.close()
  })

  it('hands over what was not begun when partitions move, and waits for what was', async () => {
    await seedJobs(30, 10)
    const handled: string[] = []
    const [first, second] = [1, 2].map(() => under.kafka.consumer<Job>('jobs', { group: 'g', heartbeatInterval: 50 }))
    const handle = async (record: KafkaRecord<Job>): Promise<void> => {
      await turn()
      handled.push(`${record.partition}/${record.offset}`)
      if (handled.length === 40) reading.push(second?.parallel({ concurrency: 4 }, handle))
      if (new Set(handled).size === 300) {
        void first?.close()
        void second?.close()
      }
    }
    const reading: (Promise<void> | undefined)[] = [first?.parallel({ concurrency: 4 }, handle)]
    await reading[0]
    await reading[1]
    expect(new Set(handled).size).toBe(300)
    expect(handled.length).toBe(300)
    expect(await committed('g')).toBe(300)
  })

  it('says what is wrong with its options', async () => {
    const consumer = under.kafka.consumer<Job>('jobs', { group: 'g' })
    await expect(consumer.parallel({ concurrency: 0 }, () => undefined)).rejects.toThrow(
      /concurrency must be a whole number from 1 up/,
    )
    await expect(consumer.parallel({} as never, () => undefined)).rejects.toThrow(/say how many handlers/)
    await expect(consumer.parallel({ concurrency: 1, workers: 2 } as never)).rejects.toThrow(
      /workers and module go together/,
    )
    await expect(consumer.parallel({ concurrency: 1, ordering: 'value' as never }, () => undefined)).rejects.toThrow(
      /ordering must be/,
    )
    await expect(consumer.parallel({ concurrency: 1 }, undefined as never)).rejects.toThrow(/give a handler/)
  })
})

it('with 10 handlers that wait 10 ms has at least 8 times the throughput of one', async () => {
  const clock = new ManualClock()
  const under = await (places['memory'] as Place)({ runtime: { clock, random: seededRandom(1) } })
  const records = 400
  const sent = under.kafka
    .producer<number>('jobs')
    .sendBatch([...Array(records).keys()].map((value) => ({ value, key: `key-${value % 100}` })))
  await inTime(sent, clock)
  /** How long handling all of them takes, by the clock. */
  async function durationMs(concurrency: number): Promise<number> {
    const consumer = under.kafka.consumer<number>('jobs', { group: `g-${concurrency}` })
    let [startedMs, handled] = [0, 0]
    const reading = consumer.parallel({ concurrency }, async () => {
      startedMs ||= clock.now()
      await sleep(clock, 10)
      if (++handled === records) endedMs = clock.now()
    })
    let endedMs = 0
    await until(() => endedMs > 0, clock, 1)
    await inTime(consumer.close(), clock)
    await inTime(reading, clock)
    return endedMs - startedMs
  }
  const [one, ten] = [await durationMs(1), await durationMs(10)]
  expect(one).toBeGreaterThanOrEqual(10 * records)
  expect(one / ten).toBeGreaterThanOrEqual(8)
  await inTime(under.close(), clock)
})
