import { once } from 'node:events'
import { memory } from '@kafkado/broker'
import { type RunningServer, serve } from '@kafkado/server/node'
import { createKafkaClient, type KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../passing-time.ts'
import { runKafkado, startKafkado } from './run-kafkado.ts'

const records = 300
/** A tenth to warm up, and those sent one by one. */
const sentInAll = records + 30 + 200

describe('kafkado bench', () => {
  let engine: ReturnType<typeof memory>
  let server: RunningServer
  let kafka: KafkaClient
  beforeEach(async () => {
    engine = memory()
    server = await serve({ transport: engine, port: 0 })
    kafka = createKafkaClient(engine)
  })
  afterEach(async () => {
    await kafka?.close()
    await server?.close()
    await engine?.close()
  })

  const bench = (...words: string[]) => runKafkado(['bench', '--url', server.url, '--records', `${records}`, ...words])
  const left = async () => ({ topics: await kafka.admin.listTopics(), groups: await kafka.admin.listGroups() })

  it('says how fast records go in and out, and leaves neither a topic nor a group', async () => {
    const { output, errors, code } = await bench('--partitions', '2')
    expect(errors).toBe('')
    const [heading, produce, alone, consume] = output.trim().split('\n')
    expect(heading).toMatch(
      /^300 records of 200 bytes, topic kafkado-bench-\S+ with 2 partitions, after 30 to warm up$/,
    )
    const latency = String.raw`acknowledged after [\d.]+ ms \(p50\), [\d.]+ ms \(p99\), [\d.]+ ms at most$`
    expect(produce).toMatch(new RegExp(String.raw`^produce     \d+ records/s, [\d.]+ MB/s; ${latency}`))
    expect(alone).toMatch(new RegExp(String.raw`^one by one  200 records, each awaited; ${latency}`))
    expect(consume).toMatch(/^consume     \d+ records\/s, [\d.]+ MB\/s$/)
    expect(code).toBe(0)
    expect(await left()).toEqual({ topics: [], groups: [] })
  })

  it('--json: figures that belong together', async () => {
    const { output } = await bench('--json', '--size', '1000')
    const { produce, alone, consume, ...others } = JSON.parse(output)
    expect(others).toMatchObject({ records, sizeInBytes: 1000, warmUpRecords: 30, partitions: 1 })
    for (const one of [produce, consume]) expect(one.bytesPerSecond).toBeCloseTo(one.recordsPerSecond * 1000, 3)
    for (const { latency } of [produce, alone]) {
      expect(latency.p50Ms).toBeGreaterThan(0)
      expect(latency.p99Ms).toBeGreaterThanOrEqual(latency.p50Ms)
      expect(latency.mostMs).toBeGreaterThanOrEqual(latency.p99Ms)
    }
  })

  it('keeps a topic that was there, with what it held, and reads only its own records', async () => {
    await kafka.admin.createTopic('load', { partitions: 1 })
    await kafka.producer('load').sendBatch(['before', 'before'])
    const { errors, code } = await bench('--topic', 'load')
    expect({ errors, code }).toEqual({ errors: '', code: 0 })
    const { offsets } = await kafka.admin.describeTopic('load')
    expect(offsets).toMatchObject([{ earliest: 0, latest: 2 + sentInAll }])
    expect((await left()).groups).toEqual([])
  })

  it('tidies up when it is interrupted, and when sends fail', async () => {
    const running = startKafkado('bench', '--url', server.url, '--records', '100000000')
    await until(async () => (await kafka.admin.listTopics()).length > 0)
    running.kill('SIGINT')
    const [code] = (await once(running, 'exit')) as [number | null]
    expect(code).toBe(1)
    expect(await left()).toEqual({ topics: [], groups: [] })
    const failed = await bench('--size', '5000000')
    expect(failed.errors).toMatch(/^kafkado: [^\n]+\n$/)
    expect(failed.code).toBe(1)
    expect(await left()).toEqual({ topics: [], groups: [] })
  })

  it.each([
    [['--records', '0'], '--records must be a whole number from 1 up'],
    [['--size', 'large'], '--size must be a whole number from 1 up'],
    [['--partitions', '0'], '--partitions must be a whole number from 1 up'],
  ])('refuses %j', async (words, message) => {
    const { errors, code } = await bench(...words)
    expect(errors).toContain(message)
    expect(code).toBe(1)
  })
})
