// The same client on an engine in memory, in a folder, and on a server. On Apache Kafka: kafka://b1:9092,b2:9092.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory } from '@kafkado/broker'
import { http } from '@kafkado/core'
import { serve } from '@kafkado/server/node'
import { createKafkaClient } from 'kafkado'

const folder = await mkdtemp(join(tmpdir(), 'kafkado-example-'))
const engine = memory()
const server = await serve({ transport: engine, port: 0 })

const clients = {
  'in memory, for tests': createKafkaClient('memory:'),
  'in a folder, in this process': createKafkaClient(`file:${folder}`),
  'on a server': createKafkaClient({ url: server.url, timeout: '30s', retries: 3, clientId: 'example' }),
  'by a transport of your own': createKafkaClient(http({ url: server.url })),
}

for (const [where, kafka] of Object.entries(clients)) {
  const { topic, partition } = await kafka.produce('greetings', { hello: 'world' })
  console.log(`${where}: written to ${topic}, partition ${partition}`)
  await kafka.close()
}
//> in memory, for tests: written to greetings, partition 0
//> in a folder, in this process: written to greetings, partition 0
//> on a server: written to greetings, partition 0
//> by a transport of your own: written to greetings, partition 0

await server.close()
await engine.close()
await rm(folder, { recursive: true })
