import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { type Random, systemClock } from '@kafkado/core'
import { allOperations, sleep } from '@kafkado/core/internal'
import { rawBatch } from '@kafkado/testing/conformance'
import { asking, everyRequest, fetchOf, heartbeatOf, newTopic, produceOf } from '../negatives/place/every-request.ts'
import { bearer, chunked, frame, head, host, json, request } from '../negatives/place/raw-http.ts'

/** What an attacker with an ordinary key does. Each attack has its sockets, and closes them. */

const bomb = rawBatch(gzipSync(new Uint8Array(48 * 1024 * 1024)), { attributes: 1 })

export interface Attacker {
  readonly port: number
  readonly key: { readonly secret: string }
  readonly random: Random
  /** Counts the answers by their status. */
  readonly answered: (status: number) => void
}

type Attack = (attacker: Attacker) => Promise<void>

/** Sends the bytes, waits for an answer or for a while, and goes. */
async function send(
  { port, answered }: Pick<Attacker, 'port' | 'answered'>,
  bytes: string,
  holdMs = 0,
  isDeaf = false,
): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  const over = new AbortController()
  socket.once('close', () => over.abort())
  if (!isDeaf)
    socket.setEncoding('latin1').on('data', (text: string) => {
      for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) answered(Number(status))
      if (holdMs === 0) over.abort()
    })
  socket.write(bytes, 'latin1')
  await sleep(systemClock, holdMs === 0 ? 2000 : holdMs, over.signal).catch(() => undefined)
  socket.destroy()
}

const many = (count: number, act: (index: number) => Promise<void>): Promise<void> =>
  Promise.all(Array.from({ length: count }, (_, index) => act(index))).then(() => undefined)
const post = 'POST /v1/metadata HTTP/1.1'
const below = ({ random }: Attacker, limit: number): number => Math.floor(random.next() * limit)
const letters = (attacker: Attacker, count: number): string =>
  String.fromCharCode(...Array.from({ length: count }, () => below(attacker, 256)))

export const attacks: Readonly<Record<string, Attack>> = {
  garbage: (attacker) => send(attacker, `${letters(attacker, 200)}\r\n\r\n`),
  'a broken chunk': (attacker) => send(attacker, head(post, host, bearer(attacker.key), json, chunked) + 'zz\r\n'),
  'two lengths': (attacker) =>
    send(attacker, head(post, host, bearer(attacker.key), json, 'Content-Length: 2', 'Content-Length: 9') + '{}'),
  'a head without end': (attacker) => send(attacker, `${post}\r\n${host}\r\n`, 300),
  'bodies that stand still': (attacker) =>
    many(10, () =>
      send(attacker, head(post, host, bearer(attacker.key), json, 'Content-Length: 8000000') + ' '.repeat(5000), 500),
    ),
  'a body that is too large': (attacker) => send(attacker, request('/v1/metadata', ' '.repeat(9_000_000), attacker)),
  'answers that nobody reads': (attacker) =>
    many(5, () =>
      send(attacker, request('/v1/fetch', { ...fetchOf('mine'), maxBytes: 8_000_000 }, attacker), 500, true),
    ),
  'long polls that are left': (attacker) =>
    many(30, () => {
      const poll = { ...fetchOf('mine'), maxWaitMs: 20_000, minBytes: 10_000_000 }
      return send(attacker, request('/v1/fetch', poll, attacker), 200)
    }),
  'a hundred requests at once': (attacker) =>
    send(attacker, request('/v1/admin/list-groups', { statesFilter: [], typesFilter: [] }, attacker).repeat(100), 200),
  'a hundred connections': ({ port }) => many(100, () => send({ port, answered: () => undefined }, '', 100)),
  'keys that are wrong': (attacker) =>
    many(5, (index) => {
      const secret = `kdo_${'abcdef0123456789'.slice(index)}_${'A'.repeat(43)}`
      return send(attacker, request('/v1', null, { key: { secret } }))
    }),
  'things of others': (attacker) => {
    const requests = everyRequest({ topics: ['theirs'], group: 'their-group', transactionalId: 'their-id' })
    const { name } = allOperations[below(attacker, allOperations.length)] as (typeof allOperations)[number]
    return send(attacker, asking(name, requests[name] ?? {}, attacker))
  },
  'everything that it may': (attacker) => {
    const group = `mine-${below(attacker, 1000)}`
    const requests = everyRequest({ topics: ['mine'], group, transactionalId: group })
    const { name } = allOperations[below(attacker, allOperations.length)] as (typeof allOperations)[number]
    return send(attacker, name === 'deleteTopics' ? '' : asking(name, requests[name] ?? {}, attacker), 100)
  },
  'a bomb': (attacker) => send(attacker, frame(produceOf(['mine'], bomb), attacker)),
  'a batch of noise': (attacker) =>
    send(attacker, frame(produceOf(['mine'], Buffer.from(letters(attacker, 300), 'latin1')), attacker)),
  'topics without end': (attacker) =>
    send(attacker, request('/v1/admin/create-topics', newTopic(`mine-${below(attacker, 1e6)}`), attacker)),
  'names that nobody knows': (attacker) => {
    const topics = Array.from({ length: 1000 }, () => `mine-${below(attacker, 1e9)}`)
    return send(attacker, request('/v1/metadata', { topics, allowAutoTopicCreation: true }, attacker))
  },
  'members that never come back': (attacker) => {
    const join = { ...heartbeatOf(`mine-${below(attacker, 50)}`, 'mine'), memberId: `m${below(attacker, 1e9)}` }
    return send(attacker, request('/v1/groups/heartbeat', join, attacker))
  },
  'an expression that is slow': (attacker) => {
    const join = { ...heartbeatOf('mine-slow'), subscribedTopicNames: null, subscribedTopicRegex: '(a{1,90}){1,90}b' }
    return send(attacker, request('/v1/groups/heartbeat', join, attacker))
  },
  'JSON of noise': (attacker) => send(attacker, request('/v1/metadata', letters(attacker, 2000), attacker)),
  'nesting without end': (attacker) => send(attacker, request('/v1/metadata', '['.repeat(200_000), attacker)),
  tokens: (attacker) => send(attacker, request('/v1/tokens', {}, attacker)),
}
