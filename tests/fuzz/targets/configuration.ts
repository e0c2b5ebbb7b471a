import { defineTopic, http, InvalidRequestError, seededRandom } from '@kafkado/core'
import {
  allOperations,
  decodeBase64Url,
  encodeBase64Url,
  isDuration,
  isTimestamp,
  ManualClock,
  requireTimestamp,
  toMilliseconds,
} from '@kafkado/core/internal'
import {
  partitionsField,
  requireDeletePlace,
  requireResetPlace,
  retentionField,
  topicConfigField,
} from '../../../packages/admin/src/admin-arguments.ts'
import { engineSettings } from '../../../packages/broker/src/settings/engine-options.ts'
import { configNames, configProblem } from '../../../packages/broker/src/settings/topic-config.ts'
import { topicSettings } from '../../../packages/broker/src/settings/topic-settings.ts'
import { consumerSettings } from '../../../packages/consumer/src/settings/consumer-config.ts'
import { durationOption, wholeNumber } from '../../../packages/kafkado/src/cli/command-context.ts'
import { connect } from '../../../packages/kafkado/src/connect/connect.ts'
import { producerSettings } from '../../../packages/producer/src/settings/producer-config.ts'
import { parseKeyStore } from '../../../packages/server/src/auth/api-key.ts'
import { Cors } from '../../../packages/server/src/exchange/cors.ts'
import { limitsOf } from '../../../packages/server/src/call/limits.ts'
import { parseBrokers, showAddress } from '../../../packages/wire/src/settings/broker-address.ts'
import { wireSettings } from '../../../packages/wire/src/settings/wire-options.ts'
import { changeJson } from '../json-change.ts'
import { decoded, expect, isRefused, type Target } from '../target.ts'

const decoder = new TextDecoder()
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

type Check = (value: unknown) => unknown

/** Every place where options enter, with options that are right. */
const places: Readonly<Record<string, { readonly parse: Check; readonly samples: readonly unknown[] }>> = {
  duration: {
    parse: (value) => {
      const milliseconds = decoded(() => toMilliseconds(value as never, 'timeout'))
      expect(isRefused(milliseconds) !== isDuration(value), 'the two checks of a duration differ')
      expect(
        isRefused(milliseconds) || (milliseconds >= 0 && Number.isFinite(milliseconds)),
        `${JSON.stringify(milliseconds)} ms`,
      )
      return milliseconds
    },
    samples: [30_000, '250ms', '1.5h', '7d', '0s', '9007199254740991ms'],
  },
  timestamp: {
    parse: (value) => {
      const milliseconds = decoded(() => requireTimestamp(value, 'timestamp'))
      expect(isRefused(milliseconds) !== isTimestamp(value), 'the two checks of a timestamp differ')
      return milliseconds
    },
    samples: [0, 1_700_000_000_000],
  },
  engine: {
    parse: (value) => engineSettings(value as never),
    samples: [{ autoCreateTopics: false, sessionTimeout: '45s', defaultPartitions: 3, storage: 'sqlite' }],
  },
  producer: {
    parse: (value) => producerSettings(value as never, {}),
    samples: [{ linger: '5ms', batchSize: 16_384, compression: 'gzip', acks: 'all', idempotent: true }],
  },
  consumer: {
    parse: (value) => consumerSettings(value as never, {}),
    samples: [{ groupId: 'g', offset: 'earliest', autoCommit: true, maxPollRecords: 5 }, { offset: { timestamp: 5 } }],
  },
  wire: {
    parse: (value) => wireSettings(value as never).brokers.map(showAddress),
    samples: [
      { brokers: 'b1:9092,b2', timeout: '3s', retries: 2 },
      { brokers: ['[::1]:9093'], sasl: { mechanism: 'PLAIN', username: 'u', password: 'p' }, tls: true },
    ],
  },
  http: {
    parse: (value) => void http({ fetch: unreachable, ...(value as object) } as never),
    samples: [{ url: 'https://h:1/p', apiKey: 'k', headers: { a: 'b' }, clientId: 'c', timeout: '1s' }],
  },
  client: {
    parse: (value) => void connect({ fetch: unreachable, ...(value as object) }),
    samples: [{ url: 'memory:' }, { url: 'kafka://b1:9092', sasl: { mechanism: 'OAUTHBEARER', token: 't' } }],
  },
  limits: { parse: (value) => limitsOf(value as never), samples: [{ maxBodyBytes: 5, maxLongPollMs: 0 }] },
  cors: { parse: (value) => void new Cors(value as never), samples: [{ origins: ['https://a.b'], maxAgeSeconds: 5 }] },
  keys: {
    parse: parseKeyStore,
    samples: [
      {
        version: 1,
        pepper: 'AAAA',
        keys: [
          {
            id: 'abcd',
            hashes: ['A'.repeat(43)],
            expiresAt: '2027-01-31T00:00:00Z',
            scopes: [{ operation: 'read', resource: 'topic', name: 't', pattern: 'prefix' }],
          },
        ],
      },
    ],
  },
  topic: {
    parse: (value) => {
      const { name, key, value: like } = value as { name: string; key: 'string'; value: 'json' }
      void defineTopic(name, { key, value: like })
    },
    samples: [{ name: 'orders', key: 'int64', value: 'json' }],
  },
  topicConfig: { parse: checkTopicConfig, samples: configNames.map((name) => ({ name, value: '5' })) },
  admin: {
    parse: (value) => {
      for (const field of [partitionsField(), retentionField(), topicConfigField()]) field.check(value)
      return [decoded(() => requireResetPlace(value, 'to')), decoded(() => requireDeletePlace(value, 'before'))]
    },
    samples: ['earliest', { timestamp: 5 }, { offsets: { 0: 5 } }, { 'retention.ms': '5' }],
  },
}

function unreachable(): Promise<never> {
  return Promise.reject(new Error('nobody is asked'))
}

/** A setting that is taken is one that the engine can go by. */
function checkTopicConfig(value: unknown): unknown {
  const { name, value: setting } = value as { name: unknown; value: unknown }
  if (typeof name !== 'string' || (typeof setting !== 'string' && setting !== null)) return 'no setting'
  const problem = configProblem(name, setting)
  if (problem !== undefined) return problem
  const settings = topicSettings({ [name]: setting as string })
  for (const one of Object.values(settings)) expect(!Number.isNaN(one), `${name} = ${setting} is no number`)
  return settings
}

const names = Object.keys(places)

/** `{"at":PLACE,"value":…}` */
export const configuration: Target = {
  name: 'configuration',
  sources: [
    'core/src/config/',
    'producer/src/settings/producer-config',
    'consumer/src/settings/consumer-config',
    'broker/src/settings/engine-options',
    'broker/src/settings/topic-config',
    'wire/src/settings/wire-options',
    'server/src/call/limits',
    'server/src/auth/api-key',
    'admin/src/admin-arguments',
    'kafkado/src/connect',
  ],
  seeds: Object.entries(places).flatMap(([at, { samples }]) =>
    samples.map((value) => text(JSON.stringify({ at, value }))),
  ),
  change(input, random) {
    const changed = changeJson(input, random)
    // Mostly the same place, as it matters what is said there.
    return random.below(12) === 0 ? changed : withPlace(changed, placeOf(input) ?? random.pick(names))
  },
  words: names.map((name) => `"${name}"`),
  run(input) {
    let given: unknown
    try {
      given = JSON.parse(decoder.decode(input))
    } catch {
      return 'no JSON'
    }
    const { at, value } = (given ?? {}) as { at?: unknown; value?: unknown }
    const place = typeof at === 'string' && Object.hasOwn(places, at) ? places[at] : undefined
    if (!place) return 'nowhere'
    const isObject = typeof value === 'object' && value !== null
    if (!isObject && ['http', 'client', 'topic', 'topicConfig'].includes(at as string)) return 'no object'
    return JSON.stringify(decoded(() => place.parse(value)) ?? null)
  },
}

function placeOf(input: Uint8Array): string | undefined {
  return /^\{"at":"([a-zA-Z]+)"/.exec(decoder.decode(input))?.[1]
}

function withPlace(json: Uint8Array, at: string): Uint8Array {
  const given = JSON.parse(decoder.decode(json)) as unknown
  const value = typeof given === 'object' && given !== null && 'value' in given ? given.value : given
  return text(JSON.stringify({ at, value }))
}

/** Texts: URLs of servers, addresses of brokers, numbers and durations of the command line, base64url. */
export const connectionTexts: Target = {
  name: 'connection-texts',
  sources: [
    'kafkado/src/connect',
    'wire/src/settings/broker-address',
    'core/src/serialization/base64-url',
    'http/http-config',
  ],
  seeds: [
    'memory:',
    'file:./data',
    'file:///tmp/a%20b',
    'http://localhost:8080',
    'https://kafka.do/path',
    'kafka://b1:9092,b2:9092',
    'kafka://[::1]:9092',
    'b1,b2:1,[fe80::1]:65535',
    '30s',
    '1234',
    'QUJD',
  ].map(text),
  words: ['file://', 'http://', 'kafka://', '%', '@', ':', '/', '[', ']', ',', '://', '%2F', '..', '\u0000', '#', '?'],
  run(input) {
    const given = decoder.decode(input)
    const clock = new ManualClock()
    const runtime = { clock, random: seededRandom(1) }
    // A transport that is not used has opened nothing.
    const url = decoded(() => void connect({ url: given, fetch: unreachable, runtime }))
    const brokers = decoded(() => parseBrokers(given))
    if (!isRefused(brokers)) {
      const again = parseBrokers(brokers.map(showAddress))
      expect(
        JSON.stringify(again) === JSON.stringify(brokers),
        'addresses are others when they are shown and read again',
      )
      for (const { host, port } of brokers) expect(host !== '' && port >= 1 && port <= 65_535, `${host}:${port}`)
    }
    const bytes = decodeBase64Url(given)
    if (bytes) expect(encodeBase64Url(bytes).length === given.length, 'base64url has another length')
    const duration = decoded(() => durationOption('--wait', given))
    const number = decoded(() => wholeNumber('--count', given))
    expect(
      isRefused(number) || (Number.isSafeInteger(number) && number >= 0),
      `${JSON.stringify(number)} is no whole number`,
    )
    return [url, brokers, duration, number]
  },
}

/** Requests of an HTTP transport with any URL that was taken: nothing but errors of ours come of it. */
export const serverUrls: Target = {
  name: 'server-urls',
  sources: ['http/http-transport', 'http/http-config'],
  seeds: ['http://localhost:8080', 'https://kafka.do/', 'http://a/b//', 'http://[::1]:80', 'http://u:p@h'].map(text),
  words: ['http://', 'https://', '%', '@', ':', '[', ']', '//', '\u0000', ' ', 'é'],
  async run(input) {
    const url = decoder.decode(input)
    const runtime = { clock: new ManualClock(), random: seededRandom(1) }
    const transport = decoded(() => http({ url, fetch: unreachable, retries: 0, runtime }))
    if (isRefused(transport)) return transport
    const error: unknown = await transport
      .send(allOperations.at(-1) as never, {} as never)
      .catch((cause: unknown) => cause)
    return decoded(() => {
      throw error
    }, [InvalidRequestError])
  },
}
