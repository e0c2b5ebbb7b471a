import { memory } from '@kafkado/broker'
import { type RunningServer, serve } from '@kafkado/server/node'
import { createKafkaClient, type KafkaClient } from 'kafkado'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runKafkado } from './run-kafkado.ts'

type Write = (kafka: KafkaClient, topic: string) => Promise<void>

const committed: Write = (kafka, topic) =>
  kafka.transaction(async (tx) => {
    await tx.send(topic, 1)
  })
const aborted: Write = async (kafka, topic) => {
  const given = new Error('given up')
  await kafka
    .transaction(async (tx) => {
      await tx.send(topic, 2)
      throw given
    })
    .catch((error: unknown) => {
      if (error !== given) throw error
    })
}
const plain: Write = async (kafka, topic) => void (await kafka.produce(topic, 3))

describe('consume --until-end ends, and nothing is left to read', () => {
  const engine = memory()
  let server: RunningServer
  let kafka: KafkaClient
  beforeAll(async () => {
    server = await serve({ transport: engine, port: 0 })
    kafka = createKafkaClient(engine)
  })
  afterAll(async () => {
    await server.close()
    await kafka.close()
  })

  let count = 0
  it.each<[what: string, writes: Write[], words: string[], output: string]>([
    ['behind a marker', [plain, committed], [], '3\n1\n'],
    ['behind aborted records', [plain, aborted], [], '3\n'],
    ['with aborted records alone', [aborted, aborted], [], ''],
    ['with aborted records in the middle', [committed, aborted, plain], [], '1\n3\n'],
    ['from latest', [plain, aborted], ['--from', 'latest'], ''],
    ['from a future time', [plain, committed], ['--from', '2999-01-01'], ''],
    ['with nothing written', [], [], ''],
  ])('%s', async (_what, writes, words, output) => {
    const topic = `t${++count}`
    await kafka.admin.createTopic(topic)
    for (const write of writes) await write(kafka, topic)
    const command = ['consume', topic, '--until-end', '--group', topic, '--url', server.url, ...words]
    expect(await runKafkado(command)).toMatchObject({ code: 0, output, errors: '' })
    if (writes.length > 0) expect((await kafka.admin.describeGroup(topic)).totalLag).toBe(0)
    expect(await runKafkado(command)).toMatchObject({ code: 0, output: '', errors: '' })
  })

  it('before a transaction that is open', async () => {
    await plain(kafka, 'open')
    await kafka.transaction(async (tx) => {
      await tx.send('open', 2)
      const command = ['consume', 'open', '--until-end', '--url', server.url]
      expect(await runKafkado(command)).toMatchObject({ code: 0, output: '3\n', errors: '' })
    })
  })

  it('a tombstone with a key is written, and printed', async () => {
    const where = ['--url', server.url]
    const csv = 'id,order\na,1\na,\n'
    const words = ['produce', 'tombs', '--format', 'csv', '--key', 'id', '--value', 'order', '--tombstones']
    expect(await runKafkado([...words, ...where], csv)).toMatchObject({ code: 0, errors: '' })
    const { output } = await runKafkado(['consume', 'tombs', '--until-end', '--json', ...where])
    const printed = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { key: string; value: unknown })
    expect(printed.map(({ key, value }) => [key, value])).toEqual([
      ['a', '1'],
      ['a', null],
    ])
  })
})
