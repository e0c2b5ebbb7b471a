import { memory } from '@kafkado/broker'
import type { Serde } from '@kafkado/core'
import { json } from '@kafkado/core'
import { KafkaClient } from 'kafkado'
import { expect, it } from 'vitest'
import { take } from '../take.ts'

const plain = json<number>()
const notNegative: Serde<number> = {
  ...plain,
  serialize(value, context) {
    if (value < 0) throw new Error('negative')
    return plain.serialize(value, context)
  },
}

it.each(['exactly-once', 'at-least-once'] as const)(
  'a row that its store refuses costs its own record alone, and is not told, %s',
  async (guarantee) => {
    const engine = memory()
    const kafka = new KafkaClient(engine)
    for (const topic of ['in', 'out']) await kafka.admin.createTopic(topic, { partitions: 1 })
    const s = kafka.streams({ application: 'app', guarantee, onError: { processing: 'skip' } })
    s.stream<number>('in')
      .groupByKey()
      .aggregate(0, (_sum, value: number) => value, { value: notNegative })
      .to('out')
    const app = await s.start()
    const states: string[] = []
    app.on('state', ({ state }) => states.push(state))
    const out = take<number>(kafka, 'out')
    const told: number[] = []
    for (const value of [1, -2, 3]) await kafka.produce('in', value, { key: 'a' })
    told.push(...(await out.next(2)))
    await kafka.produce('in', 4, { key: 'a' })
    told.push(...(await out.next(1)))
    expect(told).toEqual([1, 3, 4])
    expect((await app.tasks())[0]?.failed).toEqual({ processing: 1 })
    // It did not have to start anew for it.
    expect(states).toEqual([])
    await Promise.all([out.close(), app.close()])
    await kafka.close()
    await engine.close()
  },
)
