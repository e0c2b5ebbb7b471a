import { memory } from '@kafkado/broker'
import type { StreamsApp } from '@kafkado/streams'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../../../tests/passing-time.ts'
import { take } from '../take.ts'

describe('a member that takes the place of one that failed', () => {
  let engine: ReturnType<typeof memory>
  let kafka: KafkaClient
  let app: StreamsApp

  beforeEach(() => {
    engine = memory({ heartbeatInterval: 100 })
    kafka = new KafkaClient(engine)
  })
  afterEach(async () => {
    await app.close()
    await kafka.close()
    await engine.close()
  })

  /** An application that fails once at the record 'bad', and copies the others. */
  const start = async (consumer: { instanceId?: string }): Promise<{ failures(): number }> => {
    let failures = 0
    const s = kafka.streams({ application: 'app', commitInterval: 20, consumer, onUncaughtError: 'replace' })
    s.stream<string>('in')
      .mapValues((text) => {
        if (text === 'bad' && failures++ === 0) throw new Error('bad luck')
        return text
      })
      .to('out')
    app = await s.start()
    return { failures: () => failures }
  }

  it('has its instance id, as the one before has left the group', async () => {
    await kafka.admin.createTopic('in', { partitions: 2 })
    const { failures } = await start({ instanceId: 'shop' })
    const out = take<string>(kafka, 'out')
    for (const text of ['first', 'bad', 'last']) await kafka.produce('in', text, { partition: 0 })
    // The first one comes twice if it was not committed.
    const texts: string[] = []
    while (texts.at(-1) !== 'last') texts.push(...(await out.next(1)))
    expect(failures()).toBe(2)
    expect((await kafka.admin.describeGroup('app')).members.map(({ instanceId }) => instanceId)).toEqual(['shop'])
    await out.close()
  })

  it('reads the partitions that were added before it was there, and after', async () => {
    await kafka.admin.createTopic('in', { partitions: 1 })
    const { failures } = await start({})
    const out = take<string>(kafka, 'out')
    await kafka.admin.alterTopic('in', { partitions: 3 })
    await kafka.produce('in', 'added', { partition: 2 })
    expect(await out.next(1)).toEqual(['added'])
    await kafka.produce('in', 'bad', { partition: 0 })
    await until(() => failures() === 2)
    await kafka.admin.alterTopic('in', { partitions: 5 })
    for (let partition = 0; partition < 5; partition++) await kafka.produce('in', `to ${partition}`, { partition })
    const texts = new Set<string>()
    while (![0, 1, 2, 3, 4].every((partition) => texts.has(`to ${partition}`))) texts.add((await out.next(1))[0] ?? '')
    expect(app.state).toBe('running')
    await out.close()
  })
})
