import { seededRandom } from '@kafkado/core'
import { createToken } from '@kafkado/server'
import type { Answer } from '../place/answer.ts'
import { newTopic } from '../place/every-request.ts'
import { mine, pepper } from '../place/keys.ts'
import { negatives } from '../place/negatives.ts'
import { bearer, head, host, json, request } from '../place/raw-http.ts'
import type { SecuredPlace } from '../place/secured-place.ts'

/** Somebody sets the clock of the machine. Nothing is longer valid for it, and nothing is given back. */

const dayMs = 86_400_000
const random = seededRandom(5)
const listing = (secret: string): string =>
  request('/v1/admin/list-groups', { statesFilter: [], typesFilter: [] }, { key: { secret } })
/** With the clock set by so much meanwhile, and back. */
const setBy =
  (ms: number, attack: (place: SecuredPlace) => Promise<readonly Answer[]>) =>
  async (place: SecuredPlace): Promise<readonly Answer[]> => {
    place.clock.adjust(ms)
    try {
      return await attack(place)
    } finally {
      place.clock.adjust(-ms)
    }
  }
const issued = async (place: SecuredPlace): Promise<string> => {
  const [answer] = await place.ask(request('/v1/tokens', { lifetime: '10s' }))
  return (JSON.parse(answer?.body ?? '') as { token: string }).token
}
const full = (count: number) =>
  request('/v1/admin/create-topics', { ...newTopic('mine-new', { numPartitions: count }), validateOnly: false })
const standing = async (place: SecuredPlace, jumpMs: number) => {
  const connection = await place.connect()
  connection.send(head('POST /v1/metadata HTTP/1.1', host, bearer(), json, 'Content-Length: 65536') + ' ')
  await place.serveNeighbour()
  place.clock.adjust(jumpMs)
  const answers = await place.answersOf(connection, 1)
  place.clock.adjust(-jumpMs)
  return answers
}

negatives(
  'while the clock is set',
  [
    [
      'forward by a day, a token of another server is over',
      401,
      'SASL_AUTHENTICATION_FAILED',
      async (place) => {
        const { token } = await createToken({ pepper, key: mine.key, runtime: { clock: place.clock, random } })
        return setBy(dayMs, (set) => set.ask(listing(token)))(place)
      },
    ],
    [
      'back by a day, a token of another server is one to come',
      401,
      'SASL_AUTHENTICATION_FAILED',
      async (place) => {
        const { token } = await createToken({ pepper, key: mine.key, runtime: { clock: place.clock, random } })
        return setBy(-dayMs, (set) => set.ask(listing(token)))(place)
      },
    ],
    [
      'back by a day, a token lives no longer',
      401,
      'SASL_AUTHENTICATION_FAILED',
      async (place) => {
        const token = await issued(place)
        place.clock.adjust(-dayMs)
        await place.advance(11_000)
        const answers = await place.ask(listing(token))
        place.clock.adjust(dayMs)
        return answers
      },
      /expired/,
    ],
    [
      'forward by a day, no more partitions are made',
      429,
      'THROTTLING_QUOTA_EXCEEDED',
      setBy(dayMs, (place) => place.ask(full(25))),
    ],
    [
      'back by a day, no more partitions are made',
      429,
      'THROTTLING_QUOTA_EXCEEDED',
      setBy(-dayMs, (place) => place.ask(full(25))),
    ],
    ['forward by a day, a body that stands still ends', 408, 'REQUEST_TIMED_OUT', (place) => standing(place, dayMs)],
    ['back by a day, a body that stands still ends', 408, 'REQUEST_TIMED_OUT', (place) => standing(place, -dayMs)],
  ],
  { engine: { sessionTimeout: '1h' } },
)
