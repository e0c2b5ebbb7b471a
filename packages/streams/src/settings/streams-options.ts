import type { ConsumerConfig, StartOffset } from '@kafkado/consumer'
import { type Duration, InvalidRequestError, type Runtime, systemRuntime, type Transport } from '@kafkado/core'
import {
  choiceField,
  type ConfigFields,
  durationField,
  field,
  integerField,
  isObject,
  optionsField,
  parseConfig,
  requireTopicName,
  runtimeField,
  textField,
  toMilliseconds,
} from '@kafkado/core/internal'
import type { ProducerConfig } from '@kafkado/producer'
import {
  type ErrorHandler,
  type ErrorHandlers,
  type ErrorPolicy,
  type ErrorSettings,
  errorSettings,
  onErrorField,
  requireNoFunctions,
} from '../errors/error-options.ts'
import { onUncaughtField, type UncaughtAnswer, type UncaughtHandler } from '../errors/uncaught-options.ts'

export interface StreamsOptions {
  /**
   * The name of the application: its consumer group, and what the names of its internal topics begin with. Members with
   * the same name share the work. Without one the application is ephemeral: it reads from `offset` on, and what it made
   * on the server is removed by `close()`. Kafka: application.id.
   */
  application?: string | undefined
  /**
   * `'at-least-once'` (default): a crash may process records again. `'exactly-once'`: outputs, state and offsets are
   * committed together in transactions, so that each record counts once; readers need `read_committed`, which is the
   * default here. Kafka: processing.guarantee.
   */
  guarantee?: 'at-least-once' | 'exactly-once' | undefined
  /**
   * How often what was processed is committed. Default 1 s, and 100 ms exactly once, where it has to be shorter than
   * `producer.transactionTimeout`. Kafka: commit.interval.ms.
   */
  commitInterval?: Duration | undefined
  /**
   * How many bytes of updates are held back between commits, in each process. Of several updates of a key of an
   * aggregation, or of a table that is named or looked up, only the last is then handed on, with what the key had
   * before the first of them: fewer results, and less work for what comes behind. Default 0: each update is handed on.
   * When they are more, those of the store that was written to last are handed on early. `{ cache: false }` leaves out
   * a store. Kafka: statestore.cache.max.bytes (KIP-63), there 10 MB.
   */
  cache?: number | undefined
  /** Where a source without commits begins. Default `'earliest'`. Kafka: auto.offset.reset. */
  offset?: StartOffset | undefined
  /**
   * A folder for state, so that a restart reads only the end of the changelogs, and state may be larger than memory.
   * Default: state is in memory, and restored whole. Not for network drives. Kafka: state.dir.
   */
  stateDirectory?: string | undefined
  /** How often state is written to the folder. Default 10 s. */
  stateFlushInterval?: Duration | undefined
  /**
   * How often what was processed of the repartition topics is deleted, as nobody else reads it. Default 30 s. Kafka:
   * repartition.purge.interval.ms.
   */
  repartitionPurgeInterval?: Duration | undefined
  /**
   * What becomes of a record that cannot be read, whose processing throws, or which makes a result or state that cannot
   * be written, in sources, tables and global tables: `'fail'` (default) ends the application, `'skip'` leaves the
   * record out, `{ deadLetter: TOPIC }` puts it aside, byte for byte as it came, with its origin and the reason in
   * headers; exactly once that is a part of the transaction. Or a function that decides, `(error, record) => …`; or one
   * of these for each kind of error: `{ deserialization, processing, production }`. Threads cannot be given functions,
   * so with `workers` they come from `module`, which exports `onError`. A punctuation that throws counts as processing:
   * there is no record then, and a dead letter has nothing but the reason. A record of a topic that is read in several
   * ways is put aside once in a topic, though it can be read in none of them, and counted for each. A change that its
   * changelog refuses counts as production. A changelog that cannot be read always ends the application: state would be
   * lost. A KafkaError of the server, or of the disk of a `stateDirectory`, leaves no record out, also where an
   * operator throws it. Kafka: deserialization.exception.handler, processing.exception.handler,
   * production.exception.handler.
   */
  onError?: ErrorPolicy | ErrorHandler | ErrorHandlers | undefined
  /**
   * The topic for records that `onError` puts aside by `'deadLetter'`. Kafka: errors.dead.letter.queue.topic.name
   * (KIP-1034).
   */
  deadLetterTopic?: string | undefined
  /**
   * What becomes of a member of the application that cannot go on, be it in this thread or one of the `workers`:
   * `'shutDown'` (default) ends the application with the error, `'replace'` puts a new member in its place, which goes
   * on from what was committed. Or a function that decides by the error. A member that fails again and again is
   * replaced ever more slowly, from 100 ms to 30 s; after a minute without a failure they are counted anew. One that
   * cannot even start is replaced as well: `start()` then returns an application in the state `replacing`. Kafka:
   * StreamsUncaughtExceptionHandler.
   */
  onUncaughtError?: UncaughtAnswer | UncaughtHandler | undefined
  /**
   * Threads that run tasks, each a member of the group. They need `module`. Default 0: tasks run in this thread. Kafka:
   * num.stream.threads.
   */
  workers?: number | undefined
  /** A module whose default export builds the topology, `(s) => …`: threads cannot be given functions. */
  module?: URL | undefined
  /**
   * A file that keeps the plan of the topology, to be committed along with the code. Default: in `stateDirectory`, if
   * there is one.
   */
  planFile?: string | undefined
  /**
   * Starts although state of the last start would be lost, or taken for that of another operator, or its changelog was
   * deleted: begins all of it anew, or these stores, and deletes their topics. Default false: such a start is refused,
   * by an error that says what is at stake.
   */
  dropState?: boolean | readonly string[] | undefined
  /** How many copies of internal topics the cluster keeps. Default the server's. Kafka: replication.factor. */
  replicationFactor?: number | undefined
  /**
   * The address at which other members reach the queries that this one serves, such as `http://10.0.0.7:8090`. Kafka:
   * application.server.
   */
  advertisedUrl?: string | undefined
  /**
   * What others have to know to ask the queries that this member serves, and what it asks theirs with. Default: whoever
   * reaches them may ask.
   */
  queryKey?: string | undefined
  /**
   * How long `close()` may take, whatever runs and however silent the server is: one half for what is processed to be
   * committed, the other for leaving. What is not committed by then is processed again at the next start. Default 30 s.
   * Kafka: the timeout of KafkaStreams.close.
   */
  closeTimeout?: Duration | undefined
  /** How many records of a partition wait in memory at most. Default 10,000. Kafka: buffered.records.per.partition. */
  bufferedRecords?: number | undefined
  /** Options of the consumer. */
  consumer?: Pick<
    ConsumerConfig,
    | 'sessionTimeout'
    | 'heartbeatInterval'
    | 'rebalanceTimeout'
    | 'instanceId'
    | 'fetchMaxBytes'
    | 'fetchMaxWaitMs'
    | 'fetchMinBytes'
    | 'maxPartitionFetchBytes'
  >
  /**
   * Options of the producers. `transactionTimeout` is 10 s here: for so long a member that has died holds up the
   * readers of its partitions. Kafka Streams has the same default.
   */
  producer?: Pick<
    ProducerConfig,
    | 'compression'
    | 'batchSize'
    | 'lingerMs'
    | 'deliveryTimeout'
    | 'maxInFlight'
    | 'maxBufferedBytes'
    | 'maxRequestBytes'
    | 'transactionTimeout'
  >
  /** Time and chance, for tests. */
  runtime?: Runtime | undefined
}

const consumerOptions: readonly (keyof NonNullable<StreamsOptions['consumer']>)[] = [
  'sessionTimeout',
  'heartbeatInterval',
  'rebalanceTimeout',
  'instanceId',
  'fetchMaxBytes',
  'fetchMaxWaitMs',
  'fetchMinBytes',
  'maxPartitionFetchBytes',
]
const producerOptions: readonly (keyof NonNullable<StreamsOptions['producer']>)[] = [
  'compression',
  'batchSize',
  'lingerMs',
  'deliveryTimeout',
  'maxInFlight',
  'maxBufferedBytes',
  'maxRequestBytes',
  'transactionTimeout',
]

const fields: ConfigFields<StreamsOptions> = {
  application: textField(),
  guarantee: choiceField('at-least-once', 'exactly-once'),
  commitInterval: durationField(),
  cache: integerField(0),
  offset: field(
    (value) => typeof value === 'string' || isObject(value),
    "must be 'earliest', 'latest' or { timestamp }",
  ),
  stateDirectory: textField(),
  stateFlushInterval: durationField(),
  repartitionPurgeInterval: durationField(),
  onError: onErrorField(),
  deadLetterTopic: textField(),
  onUncaughtError: onUncaughtField(),
  workers: integerField(0, 256),
  module: field((value) => value instanceof URL, 'must be a URL, such as new URL("./topology.js", import.meta.url)'),
  planFile: textField(),
  dropState: field(
    (value) => typeof value === 'boolean' || Array.isArray(value),
    'must be true or a list of the stores to drop',
  ),
  replicationFactor: integerField(1),
  advertisedUrl: textField(),
  queryKey: textField(),
  closeTimeout: durationField(),
  bufferedRecords: integerField(1),
  consumer: optionsField(consumerOptions),
  producer: optionsField(producerOptions),
  runtime: runtimeField(),
}

/** The options with their defaults. */
export interface StreamsSettings {
  readonly application: string
  readonly isEphemeral: boolean
  readonly isExactlyOnce: boolean
  readonly commitIntervalMs: number
  readonly transactionTimeoutMs: number
  readonly offset: StartOffset
  /** Of each member. */
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

/** @throws InvalidRequestError that names every option which is wrong */
export function streamsSettings(options: StreamsOptions, transport: Pick<Transport, 'runtime'>): StreamsSettings {
  const config = parseConfig<StreamsOptions>('streams', fields, options)
  const { runtime = transport.runtime ?? systemRuntime, guarantee, workers = 0, module, stateDirectory } = config
  const isExactlyOnce = guarantee === 'exactly-once'
  if (workers > 0 && !module)
    throw new InvalidRequestError(
      'streams: workers need a module that builds the topology, as functions cannot be given to another thread: { ' +
        'workers, module: new URL(…) }',
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
      `streams: commitInterval is ${commitIntervalMs} ms and producer.transactionTimeout ${transactionTimeoutMs} ms:` +
        ` exactly once, each transaction would time out before it is committed. Commit more often, or raise` +
        ` producer.transactionTimeout`,
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
