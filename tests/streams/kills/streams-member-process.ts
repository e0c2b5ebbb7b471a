import { once } from 'node:events'
import { withRetry } from '@kafkado/core'
import { createKafkaClient } from 'kafkado'
import type { StreamsBuilder } from '@kafkado/streams'

/**
 * A member of an application, until it is told to end; `URL FOLDER TOPOLOGY` says where it reads and keeps its state,
 * and the file with its topology.
 */
const [url = '', stateDirectory = '', topology = ''] = process.argv.slice(2)
const { application, default: build } = (await import(`./${topology}`)) as {
  application: string
  default: (s: StreamsBuilder) => unknown
}
// From the beginning, because it may be told while it still starts.
const told = once(process, 'SIGTERM')
const kafka = createKafkaClient(url)
const builder = kafka.streams({
  application,
  guarantee: 'exactly-once',
  commitInterval: 50,
  stateDirectory,
  stateFlushInterval: '1s',
  consumer: { sessionTimeout: '3s', heartbeatInterval: 200, rebalanceTimeout: '3s', fetchMaxWaitMs: 100 },
  producer: { transactionTimeout: '2s', deliveryTimeout: '10s' },
})
build(builder)
const startedMs = performance.now()
let restored = 0
// The server may be away just now, as it may be for whoever starts a service.
const app = await withRetry(() => builder.start(), { attempts: 60, maxBackoff: '1s' })()
app.on('restore', (progress) => {
  if (progress.isDone) restored += progress.restored
})
app.on('state', ({ state }) => {
  if (state !== 'running') return
  process.stdout.write(`${JSON.stringify({ restored, ms: Math.round(performance.now() - startedMs) })}\n`)
})
app.on('error', ({ error }) => {
  console.error(error)
  process.exit(1)
})
await told
await kafka.close()
