import { json, type Serde } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { take } from '../take.ts'
import { appOfEachTest } from './running-app.ts'

const plain = json<number>()
const notNegative: Serde<number> = {
  serialize(value, context) {
    if (value < 0) throw new Error('negative')
    return plain.serialize(value, context)
  },
  deserialize: (bytes, context) => plain.deserialize(bytes, context),
}

describe.each(['exactly-once', 'at-least-once'] as const)('a row that its store refuses, %s', (guarantee) => {
  const running = appOfEachTest(guarantee, ['in', 'out'])

  it('costs its own record alone, and is not told', async () => {
    const { kafka } = running
    const app = await running.start(
      (s) =>
        s
          .stream<number>('in')
          .groupByKey()
          .aggregate(0, (_sum, value: number) => value, { value: notNegative })
          .mapValues((value) => value)
          .to('out'),
      { application: 'app', onError: { processing: 'skip' } },
    )
    const states: string[] = []
    app.on('state', ({ state }) => states.push(state))
    const out = take<number>(kafka, 'out')
    for (const value of [1, -2, 3]) await kafka.produce('in', value, { key: 'a' })
    const told = await out.next(2)
    await kafka.produce('in', 4, { key: 'a' })
    told.push(...(await out.next(1)))
    expect(told).toEqual([1, 3, 4])
    expect((await app.tasks())[0]?.failed).toEqual({ processing: 1 })
    // It did not have to start anew for it.
    expect(states).not.toContain('restoring')
    await out.close()
  })
})
