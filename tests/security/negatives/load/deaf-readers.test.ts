import { intercept, type Transport } from '@kafkado/core'
import { answersIn } from '../place/answer.ts'
import { fetchOf } from '../place/every-request.ts'
import { reader } from '../place/keys.ts'
import { negatives } from '../place/negatives.ts'
import { request } from '../place/raw-http.ts'
import type { SecuredPlace } from '../place/secured-place.ts'

/** Answers that are asked for and not read. */

const bytes = 12_000_000
const fetching = request('/v1/fetch', fetchOf('mine'))
/** What is read of `mine` is more than any socket takes at once. */
const large = (engine: Transport): Transport =>
  intercept(engine, (next) => async (operation, asked, options) => {
    const answer = await next(operation, asked, options)
    if (operation.name !== 'fetch' || !JSON.stringify(asked).includes('"mine"')) return answer
    const { topics } = answer as { topics: { partitions: { records: Uint8Array }[] }[] }
    for (const { partitions } of topics) for (const partition of partitions) partition.records = new Uint8Array(bytes)
    return answer
  })

async function deaf(place: SecuredPlace, sent = fetching): Promise<void> {
  const connection = await place.connect()
  connection.send(sent)
  await connection.until(() => connection.received.length > 0)
  connection.socket.pause()
  await place.serveNeighbour()
}

const limits = {
  maxBytesInFlight: 40_000_000,
  maxBytesInFlightPerKey: 20_000_000,
  maxBytesPerConnection: 15_000_000,
  maxResponseBytes: 16_000_000,
}
negatives(
  'an answer that is not read keeps',
  [
    [
      'its key from the next',
      429,
      'THROTTLING_QUOTA_EXCEEDED',
      async (place) => {
        await deaf(place)
        return place.ask(fetching)
      },
      /maxBytesInFlightPerKey/,
    ],
    [
      'its connection from the next',
      429,
      'THROTTLING_QUOTA_EXCEEDED',
      async (place) => {
        const connection = await place.connect()
        connection.send(fetching, fetching)
        await place.serveNeighbour()
        await connection.until(() => connection.statuses.length === 2)
        await connection.until(() => connection.received.endsWith('}'))
        return answersIn(connection.received)
      },
    ],
  ],
  { around: large, limits: { ...limits, maxBytesInFlightPerKey: 20_000_000 } },
)

negatives(
  'answers that many keys do not read keep',
  [
    [
      'a further one from its own',
      503,
      'OVERLOADED',
      async (place) => {
        await deaf(place)
        return place.ask(request('/v1/fetch', fetchOf('mine'), { key: reader }))
      },
      /maxBytesInFlight/,
    ],
  ],
  { around: large, limits: { ...limits, maxBytesInFlight: 20_000_000 } },
)
