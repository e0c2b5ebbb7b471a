import { compressionTypes } from '@kafkado/core/internal'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { hasJava } from './java-peer.ts'
import { contentOf, JavaSide } from './java-side.ts'
import { OurSide } from './our-side.ts'
import { randomKeys } from './random-keys.ts'
import { base64, messageOf, plainOf, sampleRecords, sampleTime, unusualHeaders } from './sample-records.ts'

describe.skipIf(!hasJava())("records, and Apache Kafka's Java client", () => {
  let ours: OurSide
  let java: JavaSide

  beforeAll(() => {
    const { bootstrapServers } = inject('kafka')
    ours = new OurSide(bootstrapServers)
    java = new JavaSide(bootstrapServers)
  })
  afterAll(async () => {
    await java[Symbol.asyncDispose]()
    await ours[Symbol.asyncDispose]()
  })

  describe.each(compressionTypes)('compressed by %s', (compression) => {
    it('Java reads what we write', async () => {
      const topic = await ours.newTopic(`ours-${compression}`)
      const written = await ours.write(topic, sampleRecords.map(messageOf), { compression })
      const read = await java.read(topic)
      expect(read.map(contentOf)).toEqual(sampleRecords)
      expect(read.map(({ offset }) => offset)).toEqual(written.map(({ offset }) => offset))
      expect(await ours.storedCodecs(topic)).toEqual([compression])
    })

    it('we read what Java writes', async () => {
      const topic = await ours.newTopic(`java-${compression}`)
      const written = await java.write(topic, sampleRecords, { 'compression.type': compression })
      const read = await ours.read(topic, sampleRecords.length)
      expect(read.map(plainOf)).toEqual(sampleRecords)
      expect(read.map(({ offset, timestamp }) => ({ partition: 0, offset, timestamp }))).toEqual(written)
      expect(await ours.storedCodecs(topic)).toEqual([compression])
    })
  })

  it('both keep headers of one name, without a value and without a name', async () => {
    const topic = await ours.newTopic('headers')
    await java.write(topic, [unusualHeaders])
    await ours.writeAsIs(topic, unusualHeaders)
    const two = [unusualHeaders, unusualHeaders]
    expect((await java.read(topic)).map(contentOf)).toEqual(two)
    expect((await ours.read(topic, 2)).map(plainOf)).toEqual(two)
  })

  it('both write to the partition that they are told', async () => {
    const topic = await ours.newTopic('told', { partitions: 5 })
    const record = { timestamp: sampleTime, key: base64('same'), value: base64('value'), headers: [] }
    const partitions = [4, 1, 3, 0, 2]
    const byUs = await ours.write(
      topic,
      partitions.map((partition) => ({ ...messageOf(record), partition })),
    )
    const byJava = await java.write(
      topic,
      partitions.map((partition) => ({ ...record, partition })),
    )
    expect(byUs.map(({ partition }) => partition)).toEqual(partitions)
    expect(byJava.map(({ partition }) => partition)).toEqual(partitions)
    const expected = [0, 1, 2, 3, 4].flatMap((partition) => [`${partition} at 0`, `${partition} at 1`])
    const place = ({ partition, offset }: { partition: number; offset: number }): string => `${partition} at ${offset}`
    expect((await java.read(topic)).map(place)).toEqual(expected)
    expect((await ours.read(topic, 10)).map(place).sort()).toEqual(expected)
  })

  it('both are told the time that the topic stamps records with', async () => {
    const topic = await ours.newTopic('append-time', { config: { 'message.timestamp.type': 'LogAppendTime' } })
    const record = { timestamp: sampleTime, key: null, value: base64('value'), headers: [] }
    const written = [...(await ours.write(topic, [messageOf(record)])), ...(await java.write(topic, [record]))]
    const times = written.map(({ timestamp }) => timestamp)
    expect(Math.min(...times)).toBeGreaterThan(sampleTime)
    expect((await java.read(topic)).map(({ timestamp }) => timestamp)).toEqual(times)
    expect((await ours.read(topic, 2)).map(({ timestamp }) => timestamp)).toEqual(times)
  })

  it('both number what they write, beside each other', async () => {
    const topic = await ours.newTopic('idempotent')
    const five = sampleRecords.slice(0, 5)
    await using javaProducer = await java.producer({ 'enable.idempotence': 'true' })
    await javaProducer.send(topic, five)
    await ours.write(topic, five.slice(0, 3).map(messageOf), { idempotent: true })
    await javaProducer.send(topic, five)
    await ours.write(topic, five.slice(0, 1).map(messageOf), { idempotent: false })
    const seenByJava = await java.activeProducers(topic)
    expect(seenByJava).toHaveLength(2)
    expect(new Set(seenByJava.map(({ lastSequence }) => lastSequence))).toEqual(new Set([2, 9]))
    const seenByUs = await ours.activeProducers(topic)
    expect(seenByUs).toEqual(expect.arrayContaining(seenByJava.map((one) => expect.objectContaining(one) as unknown)))
    expect(seenByUs.length).toBe(2)
    expect((await java.read(topic)).length).toBe(14)
    expect(await ours.read(topic, 14)).toHaveLength(14)
  })

  it('both choose the same partitions for 1,000 random keys', async () => {
    const partitions = 7
    const keys = randomKeys(1000, 20_260_101)
    const record = { timestamp: sampleTime, key: null, value: null, headers: [] }
    const [forUs, forJava] = await Promise.all([
      ours.newTopic('keys-ours', { partitions }),
      ours.newTopic('keys-java', { partitions }),
    ])
    const byUs = await ours.write(
      forUs,
      // Text is serialised by our producer here and by Java's StringSerializer there.
      keys.map((key) => ({ ...messageOf(record), key })),
      { compression: 'lz4' },
    )
    const byJava = await java.write(
      forJava,
      keys.map((key) => (typeof key === 'string' ? { ...record, textKey: key } : { ...record, key: base64(key) })),
    )
    const differing = keys.filter((_, index) => byUs[index]?.partition !== byJava[index]?.partition)
    expect(differing).toEqual([])
    expect(new Set(byUs.map(({ partition }) => partition)).size).toBe(partitions)
    expect(byUs).toHaveLength(1000)
    // So that it is not only the partitions of something else that agree.
    const written = new Set(keys.map((key) => base64(key)))
    expect(new Set((await java.read(forUs)).map(({ key }) => key))).toEqual(written)
    expect(new Set((await java.read(forJava)).map(({ key }) => key))).toEqual(written)
  })
})
