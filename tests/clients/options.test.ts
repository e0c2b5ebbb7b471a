import { embedded, type EmbeddedOptions, memory } from '@kafkado/broker'
import { type ConsumerConfig, createConsumer, withRetry } from '@kafkado/consumer'
import {
  http,
  type HttpTransportOptions,
  InvalidRequestError,
  retryInterceptor,
  type RetryOptions,
} from '@kafkado/core'
import { createProducer, type ProducerConfig } from '@kafkado/producer'
import { type CorsOptions, createHandler, type HandlerOptions, type Limits } from '@kafkado/server'
import { serve } from '@kafkado/server/node'
import { wire, type WireOptions } from '@kafkado/wire'
import { type ConnectionOptions, createKafkaClient } from 'kafkado'
import { describe, expect, it } from 'vitest'

/** What a configuration file, a form or a typing error puts in the place of any option. */
const garbage: readonly unknown[] = [
  null,
  '',
  'x',
  '5',
  '5 s',
  '1w',
  'soon',
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  1.5,
  2 ** 53,
  5n,
  true,
  'true',
  new Date(5),
  new Date(Number.NaN),
  [],
  ['x'],
  {},
  new Map(),
  Symbol('x'),
  () => 5,
]

type Kind = (value: unknown) => boolean

const isText: Kind = (value) => typeof value === 'string' && value !== ''
const isNone: Kind = () => false
const isTrue: Kind = (value) => value === true
const isFunction: Kind = (value) => typeof value === 'function'
const isPlain: Kind = (value) => Object.prototype.toString.call(value) === '[object Object]'
/** Of the garbage, only a fraction of a millisecond is a duration. */
const isDuration: Kind = (value) => value === 1.5
/** None of the garbage is a whole number in any option's range. */
const isInteger = isNone

interface Configured {
  readonly make: (options: never) => unknown
  /** What is needed beside the option that is tried. */
  readonly needed?: object
  /** Which of the garbage each option takes. */
  readonly options: Readonly<Record<string, Kind>>
}

const engine = memory()

const configurations: Record<string, Configured> = {
  'http()': {
    make: http,
    needed: { url: 'http://localhost' },
    options: {
      url: isNone,
      apiKey: (value) => typeof value === 'string' || isFunction(value),
      timeout: isDuration,
      retries: isInteger,
      clientId: isText,
      headers: isPlain,
      fetch: isFunction,
      runtime: isNone,
    } satisfies Record<keyof HttpTransportOptions, Kind>,
  },
  'memory()': {
    make: memory,
    options: {
      autoCreateTopics: isTrue,
      defaultPartitions: isInteger,
      sessionTimeout: isDuration,
      heartbeatInterval: isDuration,
      maxTransactionTimeout: isDuration,
      cleanupInterval: isDuration,
      offsetsRetention: isDuration,
      transactionalIdExpiration: isDuration,
      producerIdExpiration: isDuration,
      minFreeBytes: isInteger,
      scrubBytesPerSecond: isInteger,
      maxPartitionsPerTopic: isInteger,
      maxPartitionsPerRequest: isInteger,
      maxPartitionsInAll: isInteger,
      maxTopics: isInteger,
      maxGroups: isInteger,
      maxGroupMembers: isInteger,
      maxUncompressedBatchBytes: isInteger,
      storage: isNone,
      runtime: isNone,
    } satisfies Record<keyof EmbeddedOptions, Kind>,
  },
  'wire()': {
    make: wire,
    needed: { brokers: 'localhost:9092' },
    options: {
      brokers: (value) => (isText(value) && !/ /.test(value as string)) || (Array.isArray(value) && value.length > 0),
      clientId: isText,
      tls: (value) => isTrue(value) || isPlain(value),
      sasl: isNone,
      connectTimeout: isDuration,
      timeout: isDuration,
      retries: isInteger,
      maxLongPolls: isInteger,
      idleTimeout: isDuration,
      runtime: isNone,
    } satisfies Record<keyof WireOptions, Kind>,
  },
  'createProducer()': {
    make: (options) => createProducer(engine, 'topic', options),
    options: {
      batchSize: isInteger,
      lingerMs: isInteger,
      compression: isNone,
      acks: isNone,
      retries: isInteger,
      retryBackoffMs: isInteger,
      deliveryTimeout: isDuration,
      idempotent: isTrue,
      maxInFlight: isInteger,
      maxBufferedBytes: isInteger,
      maxRequestBytes: isInteger,
      partitioner: isFunction,
      transactionalId: isText,
      transactionTimeout: isDuration,
      closeTimeout: isDuration,
      runtime: isNone,
    } satisfies Record<keyof ProducerConfig, Kind>,
  },
  'createConsumer()': {
    make: (options) => createConsumer(engine, 'topic', options),
    options: {
      group: isText,
      offset: isNone,
      autoCommit: isTrue,
      autoCommitInterval: isDuration,
      maxPollRecords: isInteger,
      fetchMinBytes: isInteger,
      fetchMaxWaitMs: isInteger,
      fetchMaxBytes: isInteger,
      maxPartitionFetchBytes: isInteger,
      sessionTimeout: isDuration,
      heartbeatInterval: isDuration,
      rebalanceTimeout: isDuration,
      isolation: isNone,
      instanceId: isText,
      rack: isText,
      assignor: isNone,
      onAssigned: isFunction,
      onRevoked: isFunction,
      onLost: isFunction,
      onInvalid: isNone,
      stallTimeout: isDuration,
      closeTimeout: isDuration,
      runtime: isNone,
    } satisfies Record<keyof ConsumerConfig, Kind>,
  },
  'createHandler()': {
    make: (options) => createHandler(engine, options),
    options: {
      keys: isNone,
      limits: isPlain,
      cors: isNone,
      log: isFunction,
      audit: isFunction,
      runtime: isNone,
    } satisfies Record<keyof HandlerOptions, unknown>,
  },
  'limits of createHandler()': {
    make: (limits) => createHandler(engine, { limits }),
    options: {
      maxBodyBytes: isInteger,
      maxHeartbeatBytes: isInteger,
      maxHeaderBytes: isInteger,
      maxPartitions: isInteger,
      maxResponseBytes: isInteger,
      requestTimeoutMs: isInteger,
      maxLongPollMs: isInteger,
      minBytesPerSecond: isInteger,
      maxRequestsInFlight: isInteger,
      maxRequestsPerConnection: isInteger,
      maxLongPollsPerKey: isInteger,
      maxNewPartitionsPerHourPerKey: isInteger,
      maxNewGroupsPerHourPerKey: isInteger,
      maxBytesInFlight: isInteger,
      maxBytesInFlightPerKey: isInteger,
      maxBytesPerConnection: isInteger,
      maxBytesPerSecondPerKey: isInteger,
      maxRequestsPerSecondPerKey: isInteger,
      maxConnections: isInteger,
      maxConnectionsPerAddress: isInteger,
    } satisfies Record<keyof Limits, Kind>,
  },
  'cors of createHandler()': {
    make: (cors) => createHandler(engine, { cors }),
    needed: { origins: [] },
    options: {
      origins: (value) => Array.isArray(value) && value.length === 0,
      maxAgeSeconds: isInteger,
    } satisfies Record<keyof CorsOptions, Kind>,
  },
  // tls and sasl are those of wire(), which checks them.
  'createKafkaClient()': {
    make: createKafkaClient,
    needed: { url: 'memory:' },
    options: {
      apiKey: (value) => typeof value === 'string' || isFunction(value),
      timeout: isDuration,
      retries: isInteger,
      clientId: isText,
      headers: isPlain,
      fetch: isFunction,
      runtime: isNone,
    } satisfies Record<Exclude<keyof ConnectionOptions, 'url' | 'tls' | 'sasl'>, Kind>,
  },
  'withRetry()': {
    make: (options) => withRetry(() => 5, options),
    options: {
      attempts: (value) => value === Number.POSITIVE_INFINITY,
      backoff: isDuration,
      maxBackoff: isDuration,
      jitter: isNone,
      retryIf: isFunction,
      signal: isNone,
      runtime: isNone,
    } satisfies Record<keyof RetryOptions, Kind>,
  },
}

function refusalOf(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('a configuration refuses a wrong value with the name of its option', () => {
  const rows = Object.entries(configurations).flatMap(([name, { make, needed = {}, options }]) =>
    Object.entries(options).map(([option, isValid]) => ({ name, option, isValid, make, needed })),
  )
  it.each(rows)('$name: $option', ({ option, isValid, make, needed }) => {
    for (const value of garbage) {
      const refusal = refusalOf(() => make({ ...needed, [option]: value } as never))
      if (isValid(value)) {
        expect(refusal).not.toBeInstanceOf(Error)
        continue
      }
      expect(refusal).toBeInstanceOf(InvalidRequestError)
      expect(refusal).toMatchObject({ retriable: false, outcome: 'failed' })
      expect((refusal as Error).message).toMatch(new RegExp(`\\b(?:${option}|url|brokers?|limits|cors)\\b`))
      expect((refusal as Error).message.length).toBeLessThan(300)
    }
  })

  it.each(Object.entries(configurations))('%s: an option in the wrong case, with the right one', (_, configured) => {
    const { make, needed = {}, options } = configured
    for (const option of Object.keys(options))
      for (const wrong of [option.toUpperCase(), option[0]?.toUpperCase() + option.slice(1)])
        expect(() => make({ ...needed, [wrong]: 5 } as never)).toThrow(
          `there is no option '${wrong}'; did you mean '${option}'?`,
        )
  })

  it.each(Object.entries(configurations))(
    '%s: an option that there is not, and what is no configuration',
    (_, configured) => {
      const { make, needed = {} } = configured
      expect(() => make({ ...needed, tiemout: '5s' } as never)).toThrow(/there is no option 'tiemout'/)
      for (const value of [null, 5, true, [], new Date(5), new Map(), () => 5])
        expect(refusalOf(() => make(value as never))).toBeInstanceOf(InvalidRequestError)
    },
  )

  it.each([
    ['port', [-1, 65_536, '8080', 1.5, null]],
    ['host', ['', 5, null]],
    ['insecure', ['true', 1, null]],
    ['drainTimeout', ['10 s', -1, null, new Date(5)]],
    ['keepAliveTimeout', ['10 s', -1, 0, '0s', null]],
    ['headersTimeout', ['10 s', -1, 0, '0s', null]],
    ['keys', ['', {}, 5, null]],
    ['transport', [undefined, null, {}, 'memory:']],
    ['limits', [null, 5, []]],
    ['prot', [8080]],
  ])('serve(): %s', async (option, values) => {
    for (const value of values)
      await expect(serve({ transport: engine, port: 0, [option]: value })).rejects.toThrow(
        new RegExp(`^server configuration: .*\\b${option}\\b`),
      )
  })

  it.each(['', null, undefined, 5, ['data']])('embedded(): the folder %j', (folder) => {
    expect(() => embedded(folder as never)).toThrow(/^folder must be a string that is not empty/)
  })

  it.each(['', 5, null, [], 'data', 'ftp://x'])('createKafkaClient(): the URL %j', (url) => {
    expect(() => createKafkaClient({ url } as never)).toThrow(/url|URL/)
  })

  it.each([{ retries: -1 }, { retries: Number.NaN }, { jitter: 2 }, { jitter: Number.NaN }, { backoff: 'soon' }])(
    'retryInterceptor(): %j',
    (options) => {
      expect(() => retryInterceptor(options as never)).toThrow(new RegExp(`^${Object.keys(options)[0]} must be`))
    },
  )

  it('the methods of a client pass on what is no configuration, for it to be refused', () => {
    const kafka = createKafkaClient('memory:')
    for (const config of [null, 5, 'x', []]) {
      expect(() => kafka.producer('topic', config as never)).toThrow(InvalidRequestError)
      expect(() => kafka.consumer('topic', config as never)).toThrow(InvalidRequestError)
    }
  })
})
