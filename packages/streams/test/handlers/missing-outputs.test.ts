import { memory } from '@kafkado/broker'
import type { StreamsBuilder } from '@kafkado/streams'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../../../tests/passing-time.ts'
import { take } from '../take.ts'

describe.each(['at-least-once', 'exactly-once'] as const)('an output that is not there, %s', (guarantee) => {
  let engine: ReturnType<typeof memory>
  let kafka: KafkaClient

  beforeEach(async () => {
    engine = memory({ heartbeatInterval: 200, autoCreateTopics: false })
    kafka = new KafkaClient(engine)
    for (const topic of ['in', 'there', 'aside']) await kafka.admin.createTopic(topic, { partitions: 1 })
  })
  afterEach(async () => {
    await kafka.close()
    await engine.close()
  })

  const start = async (build: (s: StreamsBuilder) => unknown) => {
    const onError = { production: { deadLetter: 'aside' } }
    const s = kafka.streams({ application: 'app', guarantee, commitInterval: 20, onError })
    build(s)
    const app = await s.start()
    for (const text of ['there', 'missing', 'there', 'lost', 'there']) await kafka.produce('in', text)
    return app
  }

  it('is an error of the result where a function has chosen it', async () => {
    const app = await start((s) => s.stream<string>('in').to((text) => text))
    const there = take<string>(kafka, 'there')
    const aside = take<string>(kafka, 'aside')
    expect(await there.next(3)).toEqual(['there', 'there', 'there'])
    expect(new Set(await aside.next(2))).toEqual(new Set(['missing', 'lost']))
    await until(async () => (await app.tasks())[0]?.failed.production === 2)
    expect(app.state).toBe('running')
    await Promise.all([app.close(), there.close(), aside.close()])
  })

  it('ends the application where the topology names it', async () => {
    const app = await start((s) => s.stream<string>('in').to('nowhere'))
    const error = await new Promise<unknown>((resolve) => app.on('error', (told) => resolve(told.error)))
    expect(error).toMatchObject({ code: 'TOPIC_NOT_FOUND', message: expect.stringContaining("'nowhere'") as string })
    await app.close()
  })
})
