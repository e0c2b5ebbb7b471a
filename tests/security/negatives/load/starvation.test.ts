import { capabilities, intercept, listGroups, type Transport } from '@kafkado/core'
import { fetchOf, heartbeatOf } from '../place/every-request.ts'
import { mine, reader } from '../place/keys.ts'
import { type Negative, negatives } from '../place/negatives.ts'
import { bearer, head, host, json, request } from '../place/raw-http.ts'
import type { SecuredPlace } from '../place/secured-place.ts'

/** One key takes all that it can get. The neighbour is served while it does. */

const quota = 'THROTTLING_QUOTA_EXCEEDED'
const late = 'REQUEST_TIMED_OUT'
const listing = request('/v1/admin/list-groups', { statesFilter: [], typesFilter: [] })
const poll = request('/v1/fetch', {
  ...fetchOf('mine'),
  maxWaitMs: 30_000,
  topics: [{ topic: 'mine', partitions: [{ partition: 0, fetchOffset: 4, partitionMaxBytes: 1000 }] }],
})
const beat = request('/v1/groups/heartbeat', { ...heartbeatOf('mine-group', 'mine'), memberEpoch: 1 })
/** A request whose body of so many bytes does not come to its end. */
const half = (bytes: number, key = mine): string =>
  head('POST /v1/metadata HTTP/1.1', host, bearer(key), json, 'Content-Length: 65536') + ' '.repeat(bytes)

/** Holds what is sent, lets the neighbour be served, asks for the last, and lets go. */
const whileHeld =
  (held: readonly string[], last: string): Negative[3] =>
  async (place) => {
    for (const sent of held) await hold(place, sent)
    await place.serveNeighbour()
    return place.ask(last)
  }

async function hold(place: SecuredPlace, sent: string): Promise<void> {
  const connection = await place.connect()
  connection.socket.write(sent, 'latin1')
  // A round of the event loop to accept the connection, one to read it, and one for what follows.
  for (let round = 0; round < 3; round++) await place.serveNeighbour()
}

/** Sends these on one connection, lets the neighbour be served, and takes so many answers. */
const sentTogether =
  (answers: number, ...sent: readonly string[]): Negative[3] =>
  async (place) => {
    const connection = await place.connect()
    connection.send(...sent)
    await place.serveNeighbour()
    return place.answersOf(connection, answers)
  }

const times = (count: number, sent: string): string[] => Array.from({ length: count }, () => sent)
negatives('a key that holds all that it may is refused', [
  ['one long poll more', 429, quota, whileHeld(times(3, poll), poll), /maxLongPollsPerKey/],
  ['a body more', 429, quota, whileHeld(times(3, half(65_000)), half(65_000)), /maxBytesInFlightPerKey/],
])

negatives(
  'a connection that holds all that it may is refused',
  [['one request more', 429, quota, sentTogether(3, poll, poll, listing), /maxRequestsPerConnection/]],
  { limits: { maxRequestsPerConnection: 2 }, engine: { sessionTimeout: '1h' } },
)

negatives(
  'a server that holds all that it may refuses',
  [['a body more', 503, 'OVERLOADED', whileHeld(times(2, half(65_000)), half(65_000, reader)), /maxBytesInFlight/]],
  { limits: { maxBytesInFlight: 150_000 } },
)

/** Groups are listed when the test says so. */
const listed: (() => void)[] = []
const slowly = (engine: Transport): Transport =>
  intercept(engine, (next) => async (operation, asked, options) => {
    if (operation.name === listGroups.name) await new Promise<void>((resolve) => listed.push(resolve))
    return next(operation, asked, options)
  })
negatives(
  'a server that does all that it may refuses',
  [
    [
      'a request more',
      503,
      'OVERLOADED',
      async (place) => {
        for (let count = 0; count < 3; count++) {
          const connection = await place.connect()
          connection.send(listing)
        }
        await place.until(() => listed.length === 3)
        // Members are the last who are refused: theirs is answered.
        const [beaten] = await place.ask(beat)
        if (beaten?.status !== 409) throw new Error(`the heartbeat was answered with ${beaten?.status}`)
        const answers = await place.ask(listing)
        for (const resolve of listed.splice(0)) resolve()
        return answers
      },
      /maxRequestsInFlight/,
    ],
  ],
  { around: slowly, limits: { maxRequestsInFlight: 3 } },
)

const often =
  (count: number, sent: string): Negative[3] =>
  async (place) => {
    for (let asked = 0; asked < count; asked++) await place.ask(sent)
    return place.ask(sent)
  }
negatives(
  'a key that is too fast is refused',
  [
    ['another request', 429, quota, often(25, listing), /maxRequestsPerSecondPerKey/],
    ['another heartbeat, later', 429, quota, often(25, beat)],
    ['another request of its token', 429, quota, often(1, listing)],
  ],
  { limits: { maxRequestsPerSecondPerKey: 2 } },
)
negatives(
  'a key that sends too much is refused',
  [['another body', 429, quota, often(15, request('/v1/metadata', ' '.repeat(60_000))), /maxBytesPerSecondPerKey/]],
  { limits: { maxBytesPerSecondPerKey: 50_000 } },
)

negatives(
  'who is slow is refused',
  [
    ['with a body that stands still', 408, late, sentTogether(1, half(10)), /minBytesPerSecond/],
    [
      'with thirty bodies that stand still',
      408,
      late,
      async (place) => {
        const connections = []
        for (let count = 0; count < 30; count++) {
          const connection = await place.connect()
          connection.send(half(10))
          connections.push(connection)
        }
        await place.serveNeighbour()
        const answers = []
        for (const connection of connections) answers.push(...(await place.answersOf(connection, 1)))
        return answers
      },
    ],
    [
      'with a body of a byte now and then',
      408,
      late,
      async (place) => {
        const connection = await place.connect()
        connection.send(half(10))
        await place.serveNeighbour()
        for (let second = 0; second < 10; second++) {
          connection.send(' ')
          await place.serveNeighbour()
          await place.advance(1000)
        }
        return place.answersOf(connection, 1)
      },
    ],
  ],
  { engine: { sessionTimeout: '1h' } },
)

/** An engine that says nothing of itself. */
const silent = (engine: Transport): Transport =>
  intercept(
    engine,
    (next) => (operation, asked, options) =>
      operation.name === capabilities.name ? new Promise(() => undefined) : next(operation, asked, options),
  )
negatives(
  'what is behind the server does not answer',
  [
    [
      'when it is asked whether it is ready',
      503,
      'NOT_READY',
      sentTogether(1, request('/readyz', null, { key: null })),
    ],
  ],
  { around: silent },
)
