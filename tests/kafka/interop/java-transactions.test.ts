import { createConsumer } from '@kafkado/consumer'
import { createTransactionalProducer, type TransactionalProducer } from '@kafkado/producer'
import { wire } from '@kafkado/wire'
import { createKafkaClient } from 'kafkado'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { hasJava } from './java-peer.ts'
import { JavaSide } from './java-side.ts'
import { bytesTopic, OurSide } from './our-side.ts'
import { base64, messageOf, type PlainRecord, sampleTime } from './sample-records.ts'

const isolations = ['read_committed', 'read_uncommitted'] as const
type Isolation = (typeof isolations)[number]

function record(text: string): PlainRecord {
  return { timestamp: sampleTime, key: base64('key'), value: base64(text), headers: [] }
}

const texts = (...words: string[]): PlainRecord[] => words.map(record)

const text = (content: Uint8Array): string => Buffer.from(content).toString()

describe.skipIf(!hasJava())("transactions, and Apache Kafka's Java client", () => {
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

  const producer = (purpose: string): TransactionalProducer =>
    createTransactionalProducer(ours.transport, { transactionalId: ours.name(purpose), compression: 'zstd' })

  /** All that Java reads of a topic now, as text. */
  async function seenByJava(topic: string, isolation: Isolation, count?: number): Promise<string[]> {
    const records = await java.read(topic, { 'isolation.level': isolation }, count)
    return records.map(({ value }) => Buffer.from(value ?? '', 'base64').toString())
  }

  /**
   * That Java reads these committed records and no others before the last of them. It may have to wait, because a
   * transaction counts as ended before its partitions know.
   */
  async function expectJavaReads(topic: string, committed: readonly string[]): Promise<void> {
    expect(await seenByJava(topic, 'read_committed', committed.length)).toEqual(committed)
  }

  /** What ours reads of a topic up to a record. */
  async function seenByUs(topic: string, isolation: Isolation, last: string): Promise<string[]> {
    const consumer = createConsumer(ours.transport, bytesTopic(topic), { isolation, fetchMaxWaitMs: 100 })
    const seen: string[] = []
    for await (const { value } of consumer) {
      seen.push(text(value))
      if (seen.at(-1) === last) break
    }
    return seen
  }

  it('of ours are seen by Java as they end', async () => {
    const topic = await ours.newTopic('tx-ours')
    await using transactional = producer('tx-ours')
    const send = (...words: string[]): Promise<unknown> =>
      transactional.transaction(bytesTopic(topic), (tx) => tx.sendBatch(texts(...words).map(messageOf)))
    const sendAndAbort = (...words: string[]): Promise<void> =>
      transactional
        .transaction(bytesTopic(topic), async (tx) => {
          await tx.sendBatch(texts(...words).map(messageOf))
          throw new Error('abort')
        })
        .catch((error: unknown) => expect(error).toEqual(new Error('abort')))

    await send('committed 1', 'committed 2')
    await sendAndAbort('aborted 1', 'aborted 2')
    await ours.write(topic, texts('plain').map(messageOf))
    await sendAndAbort('aborted 3')
    await send('committed 3')
    const committed = ['committed 1', 'committed 2', 'plain', 'committed 3']
    const all = ['committed 1', 'committed 2', 'aborted 1', 'aborted 2', 'plain', 'aborted 3', 'committed 3']
    await expectJavaReads(topic, committed)
    expect(await seenByJava(topic, 'read_uncommitted')).toEqual(all)
    expect(await seenByUs(topic, 'read_committed', 'committed 3')).toEqual(committed)
    expect(await seenByUs(topic, 'read_uncommitted', 'committed 3')).toEqual(all)

    await transactional.transaction(bytesTopic(topic), async (tx) => {
      await tx.sendBatch(texts('open').map(messageOf))
      await ours.write(topic, texts('behind it').map(messageOf))
      expect(await seenByJava(topic, 'read_committed')).toEqual(committed)
      expect(await seenByJava(topic, 'read_uncommitted')).toEqual([...all, 'open', 'behind it'])
    })
    await expectJavaReads(topic, [...committed, 'open', 'behind it'])
  })

  it('of Java are seen by ours as they end', async () => {
    const topic = await ours.newTopic('tx-java')
    const config = { 'transactional.id': ours.name('tx-java'), 'compression.type': 'lz4' }
    await using transactional = await java.producer(config)
    const send = async (end: 'commit' | 'abort', ...words: string[]): Promise<void> => {
      await transactional.begin()
      await transactional.send(topic, texts(...words))
      await transactional[end]()
    }
    await send('commit', 'committed 1', 'committed 2')
    await send('abort', 'aborted 1', 'aborted 2')
    await java.write(topic, texts('plain'))
    await send('abort', 'aborted 3')
    await send('commit', 'committed 3')
    const committed = ['committed 1', 'committed 2', 'plain', 'committed 3']
    const all = ['committed 1', 'committed 2', 'aborted 1', 'aborted 2', 'plain', 'aborted 3', 'committed 3']
    expect(await seenByUs(topic, 'read_committed', 'committed 3')).toEqual(committed)
    expect(await seenByUs(topic, 'read_uncommitted', 'committed 3')).toEqual(all)
    await expectJavaReads(topic, committed)

    await transactional.begin()
    await transactional.send(topic, texts('open'))
    await java.write(topic, texts('behind it'))
    await using consumer = createConsumer(ours.transport, bytesTopic(topic), { fetchMaxWaitMs: 100 })
    for (const word of committed) expect(text((await consumer.next()).value)).toBe(word)
    let isGiven = false
    const next = consumer.next().then(({ value }) => {
      isGiven = true
      return text(value)
    })
    expect(await seenByUs(topic, 'read_uncommitted', 'behind it')).toEqual([...all, 'open', 'behind it'])
    expect(isGiven).toBe(false)
    expect(await ours.admin.listTransactions()).toContainEqual(
      expect.objectContaining({ id: config['transactional.id'], state: 'Ongoing' }),
    )
    await transactional.abort()
    expect(await next).toBe('behind it')
  })

  it('a newer producer of the other side fences the older one', async () => {
    const topic = await ours.newTopic('tx-fenced')
    await using first = producer('tx-fenced')
    await first.transaction(bytesTopic(topic), (tx) => tx.sendBatch(texts('first').map(messageOf)))
    await using second = await java.producer({ 'transactional.id': first.transactionalId })
    await second.begin()
    await second.send(topic, texts('second'))
    await expect(
      first.transaction(bytesTopic(topic), (tx) => tx.sendBatch(texts('late').map(messageOf))),
    ).rejects.toMatchObject({ name: 'ProducerFencedError' })
    await second.commit()
    await expectJavaReads(topic, ['first', 'second'])

    await using third = createTransactionalProducer(ours.transport, { transactionalId: first.transactionalId })
    await third.transaction(bytesTopic(topic), (tx) => tx.sendBatch(texts('third').map(messageOf)))
    await second.begin()
    await expect(second.send(topic, texts('late')).then(() => second.commit())).rejects.toThrow(/fenced|epoch/i)
    expect(await seenByUs(topic, 'read_committed', 'third')).toEqual(['first', 'second', 'third'])
  })

  it('offsets that ours commits in one are those that Java finds', async () => {
    const [input, output] = await Promise.all([ours.newTopic('offsets-input'), ours.newTopic('offsets-output')])
    const group = ours.name('offsets')
    await ours.write(input, texts('a', 'b', 'c', 'd').map(messageOf))
    await using kafka = createKafkaClient(wire(inject('kafka').bootstrapServers))
    const consumer = kafka.consumer(bytesTopic(input), { group })
    const copy = (count: number, end?: Error): Promise<void> =>
      kafka.transaction(
        async (tx) => {
          for (let index = 0; index < count; index++) {
            const { value } = await consumer.next()
            await tx.send(bytesTopic(output), value)
          }
          await tx.commitOffsets(consumer)
          if (end) throw end
        },
        { id: ours.name('offsets') },
      )
    const found = [{ topic: input, partition: 0, offset: 2 }]
    // A coordinator answers the end of a transaction before it has written its markers; until these are there Java is
    // told of no stable offset.
    const isFound = (): Promise<void> => expect.poll(() => java.groupOffsets(group), { timeout: 30_000 }).toEqual(found)

    await copy(2)
    await isFound()
    expect(await java.committed(group, input)).toEqual(found)
    await expect(copy(1, new Error('abort'))).rejects.toThrow('abort')
    await isFound()
    expect(await java.committed(group, input)).toEqual(found)
    await consumer.close()
    expect(await java.groupOffsets(group)).toEqual(found)
    await expectJavaReads(output, ['a', 'b'])
    expect(await seenByJava(output, 'read_uncommitted')).toEqual(['a', 'b', 'c'])
  })

  it('offsets that Java commits in one are those that ours goes on from', async () => {
    const input = await ours.newTopic('offsets-java')
    const group = ours.name('offsets-java')
    await ours.write(input, texts('a', 'b', 'c', 'd').map(messageOf))
    await using transactional = await java.producer({ 'transactional.id': ours.name('offsets-java') })
    const commit = async (offset: number, end: 'commit' | 'abort'): Promise<void> => {
      await transactional.begin()
      await transactional.sendOffsets(group, input, offset)
      await transactional[end]()
    }
    await commit(2, 'commit')
    await commit(3, 'abort')
    // A member waits for transactions that have ended and that the group does not know of yet; who describes a group
    // does not.
    const next = await ours.read(input, 2, { group, autoCommit: false })
    expect(next.map(({ offset }) => offset)).toEqual([2, 3])
    const { offsets, totalLag } = await ours.admin.describeGroup(group)
    expect(offsets).toMatchObject([{ topic: input, partition: 0, committed: 2, lag: 2 }])
    expect(totalLag).toBe(2)
  })
})
