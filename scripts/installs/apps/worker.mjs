// Everything that a worker can make when it is loaded, and then share between its requests.
import { env } from 'cloudflare:workers'
import { memory } from '@kafkado/broker'
import { http, ManualClock, seededRandom, systemRuntime } from '@kafkado/core'
import {
  createKafkaClient,
  createProducer,
  createTransactionalProducer,
  deadLetter,
  defineTopic,
  tumblingWindow,
} from 'kafkado'

const remote = createKafkaClient({ url: env.KAFKA_URL, runtime: systemRuntime })
const transports = { remote: http({ url: env.KAFKA_URL }), engine: memory() }
const clients = { remote, memory: createKafkaClient('memory:'), engine: createKafkaClient(transports.engine) }
const orders = defineTopic('orders-of-workers', { value: 'json' })
const producers = Object.fromEntries(Object.entries(clients).map(([name, kafka]) => [name, kafka.producer(orders)]))
const transactional = createTransactionalProducer(transports.remote, { transactionalId: 'of-workers' })
const made = [
  remote.consumer(orders, { group: 'never-read' }),
  deadLetter(producers.remote),
  remote.stream(orders).window(tumblingWindow('1m')).groupByKey().count(),
  remote.admin,
  new ManualClock(),
  seededRandom(1),
]

const tasks = {
  produce: async (name) => {
    const { offset } = await producers[name].send({ orderId: '123' })
    return offset
  },
  // As the documents say for requests at the same time: only the transport is shared.
  alone: async (name) => {
    await using producer = createProducer(transports[name], orders)
    const { offset } = await producer.send({ orderId: '125' })
    return offset
  },
  consume: async (name, { search }) => {
    const seen = []
    const group = `workers-${name}${search}`
    for await (const { value } of clients[name].consume(orders, { group }).take(1)) seen.push(value.orderId)
    return seen
  },
  transaction: () => transactional.transaction((tx) => tx.send('transactions-of-workers', { orderId: '124' })),
  topics: async (name) => (await clients[name].admin.listTopics()).length > 0,
  made: () => made.length,
}

export default {
  async fetch(request) {
    const url = new URL(request.url)
    const [, task, name] = url.pathname.split('/')
    try {
      return Response.json({ answer: (await tasks[task](name, url)) ?? null })
    } catch (error) {
      return Response.json({ failed: String(error?.stack ?? error) }, { status: 500 })
    }
  },
}
