import { CompressionTypes, type Kafka } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createPartitioner, kafkajsClient, KafkajsMember, kafkajsMessageOf } from './kafkajs-side.ts'
import { OurMember } from './members.ts'
import { assignmentsOf, OurSide } from './our-side.ts'
import { messageOf, plainOf, sampleRecords, unusualHeaders } from './sample-records.ts'
import { Seen, type SeenRecord } from './seen.ts'

/** The codecs that kafkajs has by itself. */
const codecs = [
  ['none', CompressionTypes.None],
  ['gzip', CompressionTypes.GZIP],
] as const

const place = ({ partition, offset }: SeenRecord): string => `${partition} at ${offset}`

describe('kafkajs', () => {
  let ours: OurSide
  let kafkajs: Kafka

  beforeAll(() => {
    const { bootstrapServers } = inject('kafka')
    ours = new OurSide(bootstrapServers)
    kafkajs = kafkajsClient(bootstrapServers)
  })
  afterAll(() => ours[Symbol.asyncDispose]())

  /** The records of a topic that kafkajs reads as a group of its own. */
  async function readByKafkajs(topic: string, count: number): Promise<unknown[]> {
    const seen = new Seen()
    await using member = await KafkajsMember.open(kafkajs, topic, `${topic}-reader`, seen)
    await seen.until(() => member.records.length >= count, `kafkajs has read ${count} records`)
    return member.records.map(({ timestamp, key, value, headers }) => ({ timestamp, key, value, headers }))
  }

  describe.each(codecs)('records compressed by %s', (compression, type) => {
    it('kafkajs reads what we write', async () => {
      const topic = await ours.newTopic(`to-kafkajs-${compression}`)
      await ours.write(topic, sampleRecords.map(messageOf), { compression })
      expect(await readByKafkajs(topic, sampleRecords.length)).toEqual(sampleRecords)
      expect(await ours.storedCodecs(topic)).toEqual([compression])
    })

    it.each([false, true])('we read what kafkajs writes, idempotent %s', async (idempotent) => {
      const topic = await ours.newTopic(`from-kafkajs-${compression}-${idempotent}`)
      const producer = kafkajs.producer({ createPartitioner, idempotent })
      await producer.connect()
      try {
        await producer.send({ topic, messages: sampleRecords.map(kafkajsMessageOf), compression: type })
      } finally {
        await producer.disconnect()
      }
      expect((await ours.read(topic, sampleRecords.length)).map(plainOf)).toEqual(sampleRecords)
      expect(await ours.storedCodecs(topic)).toEqual([compression])
      expect(await ours.activeProducers(topic)).toHaveLength(idempotent ? 1 : 0)
    })
  })

  it('both keep headers of one name', async () => {
    const topic = await ours.newTopic('kafkajs-headers')
    await ours.writeAsIs(topic, unusualHeaders)
    const [read] = (await readByKafkajs(topic, 1)) as (typeof unusualHeaders)[]
    // It keeps those of one name together.
    const [first, nothing, second, noName] = unusualHeaders.headers
    expect(read).toEqual({ ...unusualHeaders, headers: [first, second, nothing, noName] })

    const producer = kafkajs.producer({ createPartitioner })
    await producer.connect()
    const twice = { ...unusualHeaders, headers: [first, second].flatMap((header) => (header ? [header] : [])) }
    try {
      await producer.send({ topic, messages: [kafkajsMessageOf(twice)] })
    } finally {
      await producer.disconnect()
    }
    const records = await ours.read(topic, 2)
    expect(records.map(plainOf)).toEqual([unusualHeaders, twice])
  })

  it('a classic group of kafkajs and a group of ours each get everything, and our admin client describes both', async () => {
    const partitions = [0, 1, 2, 3]
    const topic = await ours.newTopic('kafkajs-beside', { partitions: partitions.length })
    const groups = { our: ours.name('kafkajs-beside-ours'), classic: ours.name('kafkajs-beside-classic') }
    const seen = new Seen()
    await using our = new OurMember(ours, topic, { group: groups.our }, seen)
    await using first = await KafkajsMember.open(kafkajs, topic, groups.classic, seen)
    await seen.until(() => first.partitions.length === 4, 'the first of kafkajs owns all')
    await using second = await KafkajsMember.open(kafkajs, topic, groups.classic, seen)
    await seen.until(
      () => our.partitions.length === 4 && first.partitions.length === 2 && second.partitions.length === 2,
      'the second of kafkajs owns half, and ours all',
    )
    const value = new TextEncoder().encode('value')
    const messages = Array.from({ length: 200 }, (_, index) => ({ value, partition: index % partitions.length }))
    const written = (await ours.write(topic, messages)).map(place).sort()
    const handledByKafkajs = (): string[] => [...first.records, ...second.records].map(place).sort()
    await seen.until(
      () => our.records.length >= 200 && handledByKafkajs().length >= 200,
      'both groups have handled everything',
    )
    expect(our.records.map(place).sort()).toEqual(written)
    expect(handledByKafkajs()).toEqual(written)

    const described = await ours.stableGroup(groups.classic)
    expect(described.state).toBe('Stable')
    expect(described.members.map(({ topics }) => topics)).toEqual([[topic], [topic]])
    const owned = [first, second].map((member) => [{ topic, partitions: member.partitions }])
    expect(assignmentsOf(described)).toEqual(expect.arrayContaining(owned))
    const listed = await ours.admin.listGroups()
    expect(listed).toContainEqual({ id: groups.classic, state: 'Stable' })
    expect(listed.map(({ id }) => id)).toContain(groups.our)

    await first[Symbol.asyncDispose]()
    await second[Symbol.asyncDispose]()
    const left = await ours.admin.describeGroup(groups.classic)
    expect(left).toMatchObject({ state: 'Empty', members: [], totalLag: 0 })
    expect(left.offsets.map(({ committed }) => committed)).toEqual([50, 50, 50, 50])
  })
})
