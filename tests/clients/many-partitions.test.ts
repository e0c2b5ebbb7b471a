import { memory } from '@kafkado/broker'
import { consumerGroupHeartbeat, createTopics, http, intercept, offsetCommit, type Transport } from '@kafkado/core'
import { serve } from '@kafkado/server/node'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { collect } from './client-places.ts'

/** More than the 1,000 partitions that one request to a server may name. */
describe('over HTTP', () => {
  let transport: Transport
  let kafka: KafkaClient
  let close: () => Promise<void>
  let requests: string[]
  beforeEach(async () => {
    const engine = memory()
    const server = await serve({ transport: engine, port: 0 })
    requests = []
    transport = intercept(http({ url: server.url }), (next) => (operation, request, options) => {
      requests.push(operation.name)
      return next(operation, request, options)
    })
    kafka = new KafkaClient(transport)
    close = async () => {
      await kafka.close()
      await server.close()
      await engine.close()
    }
  })
  afterEach(() => close())

  it('a topic of 1,500 partitions is written, read with a group and without, described, reset and emptied', async () => {
    const { admin } = kafka
    await admin.createTopic('many', { partitions: 1500 })
    const all = Array.from({ length: 1500 }, (_, partition) => partition)
    await kafka.producer<number>('many').sendBatch(all.map((partition) => ({ value: partition, partition })))
    const { offsets } = await admin.describeTopic('many')
    expect(offsets.map(({ partition, earliest, latest }) => [partition, earliest, latest])).toEqual(
      all.map((partition) => [partition, 0, 1]),
    )
    for (const config of [{}, { group: 'readers' }]) {
      const values = (await collect(kafka.consumer<number>('many', config).take(1500))).map(({ value }) => value)
      expect(values.sort((left, right) => left - right)).toEqual(all)
    }
    const { totalLag, offsets: committed } = await admin.describeGroup('readers')
    expect([totalLag, committed.length]).toEqual([0, 1500])
    expect((await admin.resetOffsets('readers', 'many', 'earliest')).size).toBe(1500)
    expect((await admin.describeGroup('readers')).totalLag).toBe(1500)
    expect([...(await admin.deleteRecords('many', 'latest'))]).toEqual(all.map((partition) => [partition, 1]))
    expect(requests).toContain(consumerGroupHeartbeat.name)
  })

  it('a pattern over 2,500 topics finds the records of all of them, and a group of all is described by a few requests', async () => {
    const names = Array.from({ length: 2500 }, (_, index) => `fleet-${index}`)
    const topics = names.map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1, configs: [] }))
    const made = await transport.send(createTopics, { timeoutMs: 30_000, validateOnly: false, topics })
    expect(made.topics.filter(({ errorCode }) => errorCode === 0)).toHaveLength(2500)
    const written = [0, 999, 1000, 1001, 1999, 2499]
    for (const index of written) await kafka.produce(names[index] as string, index)
    for (const config of [{}, { group: 'fleet' }]) {
      const records = await collect(kafka.consumer<number>(/^fleet-\d+$/, config).take(written.length))
      expect(records.map(({ value }) => value).sort((left, right) => left - right)).toEqual(written)
    }
    const committed = { partition: 0, committedOffset: 0, committedLeaderEpoch: -1, committedMetadata: null }
    const commits = names.map((topic) => ({ topic, partitions: [committed] }))
    const noMember = { memberId: '', memberEpoch: -1, groupInstanceId: null }
    await transport.send(offsetCommit, { groupId: 'fleet', ...noMember, topics: commits })
    requests.length = 0
    const { offsets, totalLag } = await kafka.admin.describeGroup('fleet')
    expect([offsets.length, totalLag]).toEqual([2500, written.length])
    // One request for each topic would be more than a server takes at a time.
    expect(requests.length).toBeLessThan(10)
  })
})
