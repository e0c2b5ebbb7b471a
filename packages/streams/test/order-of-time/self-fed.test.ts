import { memory } from '@kafkado/broker'
import { systemClock } from '@kafkado/core'
import type { Stream, StreamsApp } from '@kafkado/streams'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { take } from '../take.ts'

const count = 100
const minuteMs = 60_000

interface Pair {
  readonly left: { readonly id: number }
  readonly right: { readonly id: number } | null
}

/** As not-supported.md says, tasks that read their own output run ahead of it; a grace helps. */
describe('a stream that meets itself by way of a repartition, when old records are read', () => {
  let engine: ReturnType<typeof memory>
  let kafka: KafkaClient
  let app: StreamsApp | undefined

  beforeEach(async () => {
    engine = memory({ heartbeatInterval: 200 })
    kafka = new KafkaClient(engine)
    for (const topic of ['in', 'out']) await kafka.admin.createTopic(topic, { partitions: 1 })
    const producer = kafka.producer<{ id: number }>('in')
    const first = systemClock.now() - count * minuteMs
    for (let id = 0; id < count; id++) void producer.send({ id }, { key: `k${id}`, timestamp: first + id * minuteMs })
    await producer.close()
  })

  afterEach(async () => {
    await app?.close()
    await kafka.close()
    await engine.close()
  })

  it.each(['left', 'right'] as const)(
    'meets all of it within the grace, and nothing alone, the rekeyed one %s',
    async (side) => {
      const s = kafka.streams({ application: 'app', commitInterval: 50 })
      const plain = s.stream<{ id: number }>('in') as Stream<string, { id: number }>
      const rekeyed = plain.selectKey(({ id }) => `k${id}`)
      const options = { window: 1000, grace: '1d' } as const
      const joined = side === 'left' ? rekeyed.leftJoin(plain, options) : plain.leftJoin(rekeyed, options)
      joined.to('out')
      app = await s.start()
      const values = take<Pair>(kafka, 'out')
      const pairs = await values.next(count)
      await values.close()
      expect(pairs.filter(({ right }) => right === null)).toEqual([])
      expect(new Set(pairs.map(({ left }) => left.id)).size).toBe(count)
    },
  )
})
