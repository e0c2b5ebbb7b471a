import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { memory } from '@kafkado/broker'
import {
  type Consumer,
  createConsumer,
  createKafkaClient,
  createProducer,
  createTransactionalProducer,
  defineTopic,
} from 'kafkado'

/**
 * How many bytes stay for each of many consumers, producers, transactional ids and topics of one client that is still
 * open, beyond what the engine keeps of the records and ids themselves; as lines of JSON.
 */
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const engine = memory()
const kafka = createKafkaClient(engine)
await kafka.admin.createTopic('orders', { partitions: 1 })
const rounds = 150

async function used(): Promise<number> {
  for (let count = 0; count < 5; count++) {
    await turn()
    collectGarbage()
  }
  return process.memoryUsage().heapUsed
}

/**
 * Twice, since what stays stays both times. What others have left may be let go of meanwhile, once: megabytes of
 * compiled code were.
 */
async function bytesEach(act: (name: string) => Promise<unknown>): Promise<[number, number]> {
  for (let index = 0; index < 100; index++) await act(`warm-${index}`)
  return [await growth(act, 'first'), await growth(act, 'second')]
}

async function growth(act: (name: string) => Promise<unknown>, run: string): Promise<number> {
  const before = await used()
  for (let index = 0; index < rounds; index++) await act(`${run}-${index}`)
  return ((await used()) - before) / rounds
}

async function sendAlone(): Promise<void> {
  const producer = createProducer(engine, 'orders')
  await producer.send('x')
  await producer.close()
}

async function transactAlone(name: string): Promise<void> {
  const producer = createTransactionalProducer(engine, { transactionalId: `alone-${name}` })
  await producer.transaction('orders', (tx) => tx.send('x'))
  await producer.close()
}

async function sendOnce(): Promise<void> {
  const producer = kafka.producer('orders')
  await producer.send('x')
  await producer.close()
}

/** The engine keeps the same of the group, however many consumers it had. */
const group = 'readers'
await kafka.producer('read').sendBatch(Array.from({ length: 100 }, () => 'x'.repeat(1000)))

async function readOne(): Promise<void> {
  const consumer = kafka.consumer('read', { group, autoCommit: false })
  await consumer.next()
  await consumer.close()
}

async function leaveByBreak(): Promise<void> {
  // It is not closed: a loop that is left leaves the group.
  for await (const _ of createConsumer(engine, 'read', { group, autoCommit: false })) break
}

async function leaveTogether(): Promise<void> {
  const consumer = kafka.consumer('read', { group: undefined })
  for await (const _ of consumer) break
  for await (const _ of consumer.take(2)) continue
  await consumer.close()
}

async function takeOne(consumer: Consumer): Promise<void> {
  for await (const record of consumer.take(1)) void record.value
}

/** Nobody has the consumer of these batches, so nobody can close it. */
async function leaveBatches(): Promise<void> {
  for await (const batch of kafka.consumeBatch('read', { batchSize: 5, batchTimeout: 5 })) {
    void batch
    break
  }
}

const nothing = (): Promise<void> => Promise.resolve()

const cases = {
  'closed consumer': [readOne, nothing],
  'loop that was left by break': [leaveByBreak, nothing],
  'consumer without a group that read twice': [leaveTogether, nothing],
  'consumer that never read': [() => kafka.consumer('read', { group }).close(), nothing],
  'closed producer': [sendOnce, sendAlone],
  'producer that never sent': [() => kafka.producer('orders').close(), () => createProducer(engine, 'orders').close()],
  'transactional id': [(id: string) => kafka.transaction('orders', (tx) => tx.send('x'), { id }), transactAlone],
  'consumer whose loop has ended': [
    () => takeOne(kafka.consumer('read')),
    () => takeOne(createConsumer(engine, 'read')),
  ],
  'batches that were left': [leaveBatches, () => takeOne(createConsumer(engine, 'read'))],
  'definition of a topic': [() => kafka.produce(defineTopic('orders', { value: 'json' }), 'x'), sendAlone],
} as const
for (const [name, [act, alone]] of Object.entries(cases)) {
  const ofEngine = Math.max(...(await bytesEach(alone)))
  const ofAll = Math.min(...(await bytesEach(act)))
  process.stdout.write(`${JSON.stringify({ name, bytesEach: Math.round(ofAll - ofEngine) })}\n`)
}
await kafka.close()
