import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedTransport, embedded } from '@kafkado/broker'
import { http, initProducerId, produce, type Transport, UnauthorizedError } from '@kafkado/core'
import { createConsumer } from '@kafkado/consumer'
import { createProducer } from '@kafkado/producer'
import { batch } from '@kafkado/testing/conformance'
import { createKey, createPepper, createToken, rotateKey, type Scope, type StoredKey } from '@kafkado/server'
import { type RunningServer, serve } from '@kafkado/server/node'
import { afterEach, beforeEach, expect, it } from 'vitest'

/** Who writes with whose producer id, through a server that follows a file of keys. */

const pepper = createPepper()
const scopes: Scope[] = (['topic', 'group', 'transactionalId'] as const).map((resource) => ({
  operation: 'all',
  resource,
  name: '*',
  pattern: 'literal',
}))
let folder: string
let engine: EmbeddedTransport
let server: RunningServer
const clients: Transport[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafkado-producers-'))
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  await stop()
  await rm(folder, { recursive: true })
})

const start = async (keys: readonly StoredKey[], port = 0): Promise<void> => {
  const path = join(folder, 'keys.json')
  await writeFile(path, JSON.stringify({ version: 1, pepper, keys }))
  engine = embedded(join(folder, 'data'))
  server = await serve({ transport: engine, port, keys: path, audit: () => undefined })
}
const stop = async (): Promise<void> => {
  await server.close()
  await engine.close()
}
const clientOf = (apiKey: string | (() => string)): Transport => {
  const client = http({ url: server.url, apiKey, retries: 0 })
  clients.push(client)
  return client
}
const plain = { transactionalId: null, transactionTimeoutMs: 1000, producerId: -1, producerEpoch: -1 }
const write = (client: Transport, producer: { producerId: number; producerEpoch: number }, baseSequence: number) =>
  client.send(produce, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 1000,
    topics: [
      {
        topic: 'orders',
        partitions: [{ partition: 0, records: batch([{ value: '1' }], { ...producer, baseSequence }) }],
      },
    ],
  })

it('a rotated secret and a token go on with the id of their key, over a restart; another key never does', async () => {
  const [mine, other] = await Promise.all([createKey({ pepper, scopes }), createKey({ pepper, scopes })])
  const rotated = await rotateKey(mine.key, pepper)
  const keys = [rotated.key, other.key]
  await start(keys)
  const producer = await clientOf(mine.secret).send(initProducerId, plain)
  const renewals = [mine.secret, rotated.secret, (await createToken({ pepper, key: mine.key })).token]
  let sequence = 0
  for (const when of ['before', 'after']) {
    if (when === 'after') {
      const { port } = server
      await stop()
      await start(keys, port)
    }
    for (const secret of renewals) {
      const { topics } = await write(clientOf(secret), producer, sequence++)
      expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0 })
    }
    const theft = write(clientOf(other.secret), { ...producer, producerEpoch: 5 }, 0)
    await expect(theft).rejects.toThrow(UnauthorizedError)
    await expect(theft).rejects.toMatchObject({ kafkaName: 'CLUSTER_AUTHORIZATION_FAILED', outcome: 'failed' })
  }
})

it('a producer goes on when its token is renewed, and ends when it is given another key', async () => {
  const [mine, other] = await Promise.all([createKey({ pepper, scopes }), createKey({ pepper, scopes })])
  await start([mine.key, other.key])
  let secret = (await createToken({ pepper, key: mine.key })).token
  const producer = createProducer<number>(
    clientOf(() => secret),
    'orders',
  )
  await producer.send(1)
  secret = (await createToken({ pepper, key: mine.key })).token
  await producer.send(2)
  secret = other.secret
  await expect(producer.send(3)).rejects.toMatchObject({ code: 'UNAUTHORIZED', outcome: 'failed', retriable: false })
  await producer.close()
  const reader = createConsumer<number>(clientOf(other.secret), 'orders', { group: 'g' })
  const read: number[] = []
  for await (const { value } of reader.take(2)) read.push(value)
  await reader.close()
  expect(read).toEqual([1, 2])
})
