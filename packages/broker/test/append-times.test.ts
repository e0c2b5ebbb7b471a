import { batch, readAll, startTime } from '@kafkado/testing/conformance'
import { describe, expect, it } from 'vitest'
import { EngineUnderTest } from './engine-under-test.ts'

describe('a batch that comes again', () => {
  it.each([
    ['the time of its append, where the topic stamps that', { 'message.timestamp.type': 'LogAppendTime' }, 0],
    ['no time of its append, where the topic keeps that of its records', {}, startTime],
  ])('is answered with %s, also after a restart', async (_what, configs, timestampMs) => {
    const engine = new EngineUnderTest()
    const topic = await engine.harness.topic(1, configs)
    const producer = await engine.harness.producerId()
    const write = () =>
      engine.harness.produce(topic, batch([{ value: 'a', timestamp: startTime }], { ...producer, baseSequence: 0 }))
    const appendedMs = engine.clock.now()
    await write()
    const [record] = await readAll((await engine.harness.fetch(topic, 0)).records)
    expect(record?.timestamp).toBe(timestampMs || appendedMs)
    const logAppendTimeMs = timestampMs === startTime ? -1 : appendedMs
    await engine.clock.advanceAsync(5000)
    expect(await write()).toMatchObject({ baseOffset: 0, logAppendTimeMs })
    await engine.restart()
    expect(await write()).toMatchObject({ baseOffset: 0, logAppendTimeMs })
    await engine.transport.close()
  })
})
