import type { StartOffset } from '@kafkado/consumer'
import { type Duration, InvalidRequestError, type Runtime, systemRuntime, type Transport } from '@kafkado/core'
import { parseConfig, requireTopicName, toMilliseconds } from '@kafkado/core/internal'
import { type ErrorSettings, errorSettings, requireNoFunctions } from '../errors/error-options.ts'
import type { UncaughtAnswer, UncaughtHandler } from '../errors/uncaught-options.ts'
import { optionFields, type StreamsOptions } from './streams-options.ts'

/** The options with their defaults. */
export interface StreamsSettings {
  readonly application: string
  readonly isEphemeral: boolean
  readonly isExactlyOnce: boolean
  readonly commitIntervalMs: number
  readonly transactionTimeoutMs: number
  readonly offset: StartOffset
  /** For each member. */
  readonly cacheMaxBytes: number
  readonly stateDirectory: string | undefined
  readonly stateFlushIntervalMs: number
  readonly repartitionPurgeIntervalMs: number
  readonly onError: ErrorSettings
  readonly onUncaughtError: UncaughtAnswer | UncaughtHandler
  readonly workers: number
  readonly module: URL | undefined
  readonly planFile: string | undefined
  readonly dropState: boolean | readonly string[]
  readonly replicationFactor: number | undefined
  readonly advertisedUrl: string | undefined
  readonly queryKey: string | undefined
  readonly closeTimeoutMs: number
  readonly bufferedRecords: number
  readonly consumer: NonNullable<StreamsOptions['consumer']>
  readonly producer: NonNullable<StreamsOptions['producer']> & { readonly transactionTimeout: Duration }
  readonly runtime: Runtime
}

/** @throws InvalidRequestError that names every wrong option */
export function streamsSettings(options: StreamsOptions, transport: Pick<Transport, 'runtime'>): StreamsSettings {
  const config = parseConfig<StreamsOptions>('streams', optionFields, options)
  const { runtime = transport.runtime ?? systemRuntime, guarantee, workers = 0, module, stateDirectory } = config
  const isExactlyOnce = guarantee === 'exactly-once'
  if (workers > 0 && !module)
    throw new InvalidRequestError(
      'streams: workers need a module that builds the topology, as functions cannot be given to another thread: ' +
        '{ workers, module: new URL(…) }',
    )
  const onError = errorSettings(config.onError, config.deadLetterTopic)
  if (workers > 0) requireNoFunctions(onError)
  const application = config.application ?? `ephemeral-${runtime.random.next().toString(36).slice(2)}`
  requireTopicName(application)
  const commitIntervalMs = toMilliseconds(config.commitInterval ?? (isExactlyOnce ? 100 : 1000), 'commitInterval')
  const { transactionTimeout = '10s' } = config.producer ?? {}
  const transactionTimeoutMs = toMilliseconds(transactionTimeout, 'producer.transactionTimeout')
  if (isExactlyOnce && commitIntervalMs >= transactionTimeoutMs) {
    throw new InvalidRequestError(
      `streams: commitInterval is ${commitIntervalMs} ms and producer.transactionTimeout ${transactionTimeoutMs} ms: ` +
        'exactly once, each transaction would time out before it is committed. Commit more often, ' +
        'or raise producer.transactionTimeout',
    )
  }
  return {
    application,
    isEphemeral: config.application === undefined,
    isExactlyOnce,
    commitIntervalMs,
    transactionTimeoutMs,
    offset: config.offset ?? 'earliest',
    cacheMaxBytes: Math.floor((config.cache ?? 0) / Math.max(1, workers)),
    stateDirectory,
    stateFlushIntervalMs: toMilliseconds(config.stateFlushInterval ?? '10s', 'stateFlushInterval'),
    repartitionPurgeIntervalMs: toMilliseconds(config.repartitionPurgeInterval ?? '30s', 'repartitionPurgeInterval'),
    onError,
    onUncaughtError: config.onUncaughtError ?? 'shutDown',
    workers,
    module,
    planFile: config.planFile,
    dropState: config.dropState ?? false,
    replicationFactor: config.replicationFactor,
    advertisedUrl: config.advertisedUrl,
    queryKey: config.queryKey,
    closeTimeoutMs: toMilliseconds(config.closeTimeout ?? '30s', 'closeTimeout'),
    bufferedRecords: config.bufferedRecords ?? 10_000,
    consumer: config.consumer ?? {},
    producer: { ...config.producer, transactionTimeout },
    runtime,
  }
}
