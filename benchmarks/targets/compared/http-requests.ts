import { http, produce } from '@kafkado/core'
import { createKafkaClient } from 'kafkado'
import { request } from 'undici'
import { freshName } from '../../fresh-name.ts'
import { installedVersion } from '../../installed-version.ts'
import { keepInFlight } from '../../kafka/in-flight.ts'
import { paced } from '../../pace.ts'
import type { Comparison, Figures, Side } from '../comparison.ts'
import { timesAsFast, timesTheCost } from '../judges.ts'
import { spentOn } from '../processes/rounds-process.ts'
import { bodyType, produceRequest, readyBatch, readyBody } from '../produce-frame.ts'
import { askServer, type RunningServer, startOurs, startPlain } from '../server-process.ts'

const inFlight = 8
const kafkado = 'kafkado'
const plain = 'node:http'

/** Ready batches: what the transport adds to an HTTP client, and the server to one that only reads. */
export const httpRequests: readonly Comparison[] = [
  {
    name: 'http-ready',
    targets: [
      {
        name: 'http-ready',
        what: 'produce over HTTP, ready 256 KB batches',
        ours: kafkado,
        against: ['undici'],
        ...timesAsFast(),
        target: 0.95,
      },
    ],
    settings:
      'Batches of 256 KB made beforehand, 8 requests in flight, both sides to the same server of node:http that ' +
      'reads them and answers. Ours is transport.send(produce, …); undici sends the same bytes.',
    warmUp: '400 requests each',
    async open(pace) {
      const server = await startPlain('memory')
      const { batch, records } = readyBatch(256 * 1024)
      const body = readyBody('orders', batch)
      const transport = http(server.url)
      const ask = produceRequest('orders', batch)
      const measure = (send: () => Promise<unknown>) => async (): Promise<Figures> => {
        const requests = paced(1200, pace)
        return spentOn(requests * records, () => keepInFlight(requests, inFlight, send))
      }
      const sides: Side[] = [
        { name: kafkado, measure: measure(() => transport.send(produce, ask)) },
        { name: 'undici', version: installedVersion('undici'), measure: measure(() => post(server.url, body)) },
      ]
      for (let round = 0; round < 2; round++) for (const side of sides) await side.measure()
      return {
        sides,
        async close() {
          await transport.close()
          await server.close()
        },
      }
    },
  },
  {
    name: 'server-cpu',
    targets: [
      {
        name: 'server-cpu',
        what: 'CPU of the server, produce requests of 20 KB',
        ours: kafkado,
        against: [plain],
        ...timesTheCost('cpuUs', 'CPU time a record'),
        target: 1.15,
      },
    ],
    settings:
      'Requests with one batch of 20 KB, 8 in flight, sent by undici from another process. Ours appends them to an ' +
      'engine in memory; node:http reads them into memory of the stated length and answers the same.',
    warmUp: '4,000 requests each',
    async open(pace) {
      const servers = [await startOurs('memory'), await startPlain('memory')] as const
      const sides = [serverSide(kafkado, servers[0]), serverSide(plain, servers[1])]
      for (const side of sides) await side.measureRequests(4000)
      const requests = paced(6000, pace)
      return {
        sides: sides.map((side) => ({
          name: side.name,
          measure: () => side.measureRequests(requests),
          close: () => side.close(),
        })),
        close: () => Promise.all(servers.map((server) => server.close())),
      }
    },
  },
]

function serverSide(
  name: string,
  server: RunningServer,
): { name: string; measureRequests(requests: number): Promise<Figures>; close(): Promise<void> } {
  const { batch, records } = readyBatch(20 * 1024)
  const kafka = name === kafkado ? createKafkaClient(server.url) : undefined
  return {
    name,
    close: async () => kafka?.close(),
    async measureRequests(requests) {
      const topic = freshName('orders')
      // A topic of its own each round, so that neither making it nor what it holds counts.
      await kafka?.admin.createTopic(topic, { partitions: 1 })
      const body = readyBody(topic, batch)
      const before = await askServer(server, 'cpu')
      const spent = await spentOn(requests * records, () =>
        keepInFlight(requests, inFlight, () => post(server.url, body)),
      )
      const after = await askServer(server, 'cpu')
      await kafka?.admin.deleteTopic(topic)
      const { recordsPerSecond = 0 } = spent
      return { recordsPerSecond, cpuUs: (after - before) / (requests * records) }
    },
  }
}

/** @throws when the batch was refused */
async function post(url: string, body: Buffer): Promise<void> {
  const { statusCode, body: answer } = await request(`${url}/v1/produce`, {
    method: 'POST',
    headers: { 'content-type': bodyType, accept: 'application/json' },
    body,
  })
  const text = await answer.text()
  if (statusCode !== 200 || !text.includes('"errorCode":0'))
    throw new Error(`the server answered ${statusCode}: ${text}`)
}
