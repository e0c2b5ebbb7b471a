import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { OurSide } from './our-side.ts'
import { hasKcat, kcatCodecs, kcatFormat, kcatHeaders, kcatInput, parseKcatOutput, runKcat } from './run-kcat.ts'
import { base64, messageOf, plainOf, type PlainRecord, sampleRecords } from './sample-records.ts'

describe.skipIf(!hasKcat())('records, and kcat', () => {
  const { bootstrapServers } = inject('kafka')
  let ours: OurSide

  beforeAll(() => {
    ours = new OurSide(bootstrapServers)
  })
  afterAll(() => ours[Symbol.asyncDispose]())

  const kcat = (topic: string, args: readonly string[], input?: Buffer): Promise<Buffer> =>
    runKcat(['-b', bootstrapServers, '-t', topic, ...args], input)

  it('finds the codecs that it was built with', () => {
    expect(kcatCodecs()).toEqual(expect.arrayContaining(['none', 'gzip']))
  })

  describe.each(kcatCodecs())('compressed by %s', (compression) => {
    it('kcat reads what we write', async () => {
      const topic = await ours.newTopic(`to-kcat-${compression}`)
      await ours.write(topic, sampleRecords.map(messageOf), { compression })
      const read = parseKcatOutput(await kcat(topic, ['-C', '-o', 'beginning', '-e', '-q', '-f', kcatFormat]))
      expect(read).toEqual(
        sampleRecords.map(({ headers, ...record }, offset) => ({ ...record, offset, headers: kcatHeaders(headers) })),
      )
      expect(await ours.storedCodecs(topic)).toEqual([compression])
    })

    it('we read what kcat writes', async () => {
      const topic = await ours.newTopic(`from-kcat-${compression}`)
      const before = Date.now()
      const write = (...[args, input]: [string[], Buffer]): Promise<Buffer> =>
        kcat(topic, [...args, '-z', compression, '-X', 'enable.idempotence=true'], input)
      const isNull = ({ key, value }: PlainRecord): boolean => key === null || value === null
      const [nulls, plain] = [sampleRecords.filter(isNull), sampleRecords.filter((record) => !isNull(record))]
      const withHeaders: PlainRecord = {
        timestamp: 0,
        key: base64('headers'),
        value: base64('with headers'),
        headers: [
          ['trace', base64('abc')],
          ['größe', base64('groß 😀')],
          ['trace', base64('second')],
          ['empty', base64('')],
          ['nothing', null],
        ],
      }
      await write(...kcatInput(plain))
      await write(...kcatInput(nulls, { nulls: true }))
      await write(...kcatInput([withHeaders], { headers: withHeaders.headers }))

      const written = [...plain, ...nulls].map((record) => ({ ...record, headers: [] as PlainRecord['headers'] }))
      const read = (await ours.read(topic, sampleRecords.length + 1)).map(plainOf)
      expect(read.map(({ key, value, headers }) => ({ key, value, headers }))).toEqual(
        [...written, withHeaders].map(({ key, value, headers }) => ({ key, value, headers })),
      )
      for (const { timestamp } of read) {
        expect(timestamp).toBeGreaterThanOrEqual(before)
        expect(timestamp).toBeLessThanOrEqual(Date.now())
      }
      // librdkafka leaves a batch as it is that no codec makes smaller.
      expect(await ours.storedCodecs(topic)).toContain(compression)
      expect((await ours.activeProducers(topic)).length).toBe(3)
    })
  })

  it('a group of kcat and one of ours each get everything, and our admin client sees how far kcat has come', async () => {
    const topic = await ours.newTopic('kcat-group', { partitions: 3 })
    const group = ours.name('kcat-group')
    const value = new TextEncoder().encode('value')
    const written = await ours.write(
      topic,
      Array.from({ length: 30 }, (_, index) => ({ value, partition: index % 3 })),
    )
    const places = written.map(({ partition, offset }) => `${partition} ${offset}`).sort()
    const settings = ['-X', 'auto.offset.reset=earliest', '-e', '-q', '-f', '%p %o\\n']
    const output = await runKcat(['-b', bootstrapServers, '-G', group, ...settings, topic])
    expect(output.toString().trimEnd().split('\n').sort()).toEqual(places)
    const read = await ours.read(topic, 30, { group: ours.name('kcat-beside') })
    expect(read.map(({ partition, offset }) => `${partition} ${offset}`).sort()).toEqual(places)
    const described = await ours.admin.describeGroup(group)
    expect(described).toMatchObject({ state: 'Empty', totalLag: 0 })
    expect(described.offsets.map(({ committed }) => committed)).toEqual([10, 10, 10])
  })
})
