import type { ConsumerConfig, StartOffset } from '@kafkado/consumer'
import type { Duration, Runtime } from '@kafkado/core'
import {
  choiceField,
  type ConfigFields,
  durationField,
  field,
  integerField,
  isObject,
  optionsField,
  runtimeField,
  textField,
} from '@kafkado/core/internal'
import type { ProducerConfig } from '@kafkado/producer'
import { type ErrorHandler, type ErrorHandlers, type ErrorPolicy, onErrorField } from '../errors/error-options.ts'
import { onUncaughtField, type UncaughtAnswer, type UncaughtHandler } from '../errors/uncaught-options.ts'

export interface StreamsOptions {
  /**
   * The name of the application: its consumer group, and the beginning of its internal topics' names. Members with the
   * same name share the work. Default: none; the application is then ephemeral: it reads from `offset` on, and
   * `close()` removes what it made on the server. Set it for every application that continues after a restart. Kafka:
   * application.id.
   */
  application?: string | undefined
  /**
   * Whether a crash may process records again. `'at-least-once'` (default): it may. `'exactly-once'`: transactions
   * commit outputs, state and offsets together, so that each record counts once. Choose it when counting a record twice
   * would be wrong; results become visible with each commit, so see `commitInterval`. Other readers of the outputs need
   * `read_committed`, which is the default here. Kafka: processing.guarantee.
   */
  guarantee?: 'at-least-once' | 'exactly-once' | undefined
  /**
   * How often to commit. Default 1 s; 100 ms with exactly once, where results only become visible with a commit. Raise
   * it for more throughput: a crash then repeats more work, and results of exactly once come later. With exactly once,
   * keep it below `producer.transactionTimeout`, and raise that with it. Kafka: commit.interval.ms.
   */
  commitInterval?: Duration | undefined
  /**
   * How many bytes of updates each process may hold back between commits. Of several updates of a key in an
   * aggregation, or in a table that is named or looked up, only the last is then forwarded, with the value before the
   * first of them. This means fewer results, and less work for the operators behind. Default 0: each update is
   * forwarded. Raise it when keys change often, together with `commitInterval`. When the bytes do not suffice, the
   * store written last forwards its updates early. `{ cache: false }` exempts a store. Kafka:
   * statestore.cache.max.bytes (KIP-63), there 10 MB.
   */
  cache?: number | undefined
  /**
   * Where a source without commits begins. Default `'earliest'`. Set `'latest'` when only new records matter. Kafka:
   * auto.offset.reset.
   */
  offset?: StartOffset | undefined
  /**
   * A folder for state. A restart then reads only the end of the changelogs, and state may be larger than memory.
   * Default: state is in memory, and each start restores all of it. Set it for state that takes long to restore or does
   * not fit into memory. Must be a local disk, not a network drive. Kafka: state.dir.
   */
  stateDirectory?: string | undefined
  /**
   * How often state is written to the folder. Default 10 s. Raise it to write keys that change often less frequently; a
   * restart after a crash then reads more of the changelogs.
   */
  stateFlushInterval?: Duration | undefined
  /**
   * How often to delete processed records from the repartition topics; nobody else reads them. Default 30 s. Lower it
   * when these topics take too much space; raise it to save requests. Kafka: repartition.purge.interval.ms.
   */
  repartitionPurgeInterval?: Duration | undefined
  /**
   * What happens when a record cannot be read, its processing throws, or its result or state cannot be written, in
   * sources, tables and global tables. `'fail'` (default) ends the application. `'skip'` drops the record.
   * `{ deadLetter: TOPIC }` puts it aside, byte for byte, with its origin and the reason in headers. A function
   * `(error, record) => …` decides for each error. An object has one of these for each kind of error:
   * `{ deserialization, processing, production }`, see {@link ErrorHandlers}. Change it when one bad record must not
   * stop the others. Worker threads cannot get functions, so with `workers`, `module` exports `onError` instead. Kafka:
   * deserialization.exception.handler, processing.exception.handler, production.exception.handler.
   */
  onError?: ErrorPolicy | ErrorHandler | ErrorHandlers | undefined
  /**
   * The topic for records that an `onError` function puts aside with `'deadLetter'`. Default: none. Set it whenever a
   * function may answer `'deadLetter'`. Kafka: errors.dead.letter.queue.topic.name (KIP-1034).
   */
  deadLetterTopic?: string | undefined
  /**
   * What happens when a member of the application fails, in this thread or in one of the `workers`. `'shutDown'`
   * (default) ends the application with the error. `'replace'` starts a new member, which continues from the last
   * commit. A function decides by the error. Choose `'replace'` for an application that should survive faults which may
   * pass, and watch its `state` events. A member that fails again and again is replaced ever more slowly, from 100 ms
   * to 30 s; a minute without a failure resets this. A member that cannot even start is replaced as well: `start()`
   * then returns an application in the state `replacing`. Kafka: StreamsUncaughtExceptionHandler.
   */
  onUncaughtError?: UncaughtAnswer | UncaughtHandler | undefined
  /**
   * How many threads run tasks; each is a member of the group. They need `module`. Default 0: tasks run in this thread.
   * Raise it when processing needs more than one core; more threads than tasks are of no use. Kafka:
   * num.stream.threads.
   */
  workers?: number | undefined
  /**
   * The module whose default export builds the topology, `(s) => …`. Default: none. Needed for `workers`, because
   * threads cannot get functions.
   */
  module?: URL | undefined
  /**
   * A file with the plan of the topology; commit it along with the code. It shows which state a change of the topology
   * would lose. Default: in `stateDirectory`, if there is one. Set it for applications without a folder, and for
   * several members with separate folders.
   */
  planFile?: string | undefined
  /**
   * Lets a start lose state: state of the last start without a store now, state that another operator would take for
   * its own, and state with a deleted changelog. `true` begins all of it anew, a list only these stores, and their
   * topics are deleted. Default false: such a start is refused, with an error that names the state. Set it for one
   * start, after you have read that error.
   */
  dropState?: boolean | readonly string[] | undefined
  /**
   * How many copies of each internal topic the cluster keeps. Default: the server's. Raise it to 3 on a cluster that
   * must survive the loss of brokers. Kafka: replication.factor.
   */
  replicationFactor?: number | undefined
  /**
   * The address where other members reach this member's queries, such as `http://10.0.0.7:8090`. Default: none, so
   * other members cannot ask. Set it when queries have to work from any member, together with `queryKey`. Kafka:
   * application.server.
   */
  advertisedUrl?: string | undefined
  /**
   * A secret that callers must know to query this member; this member sends it to the others. Default: none, so anyone
   * who reaches the member may ask. Set the same one for all members when others can reach the address.
   */
  queryKey?: string | undefined
  /**
   * How long `close()` may take, whatever is running and however silent the server is: one half to commit the processed
   * records, the other to leave the group. Records not committed by then are processed again after the next start.
   * Default 30 s. Raise it for slow asynchronous operators, together with the grace period of your container platform.
   * Kafka: the timeout of KafkaStreams.close.
   */
  closeTimeout?: Duration | undefined
  /**
   * The most records of each partition that wait in memory. Default 10,000. Lower it for large records or many
   * partitions; raise it when tasks wait for records although the server has some. Kafka:
   * buffered.records.per.partition.
   */
  bufferedRecords?: number | undefined
  /** Options of the consumer. See there for when to change them. */
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
   * Options of the producers. See there for when to change them. `transactionTimeout` is 10 s here, as in Kafka
   * Streams: so long a dead member holds up the readers of its partitions. Raise it for slow asynchronous operators.
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
  /** Clock and randomness, for tests. */
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

/** How each option is checked. */
export const optionFields: ConfigFields<StreamsOptions> = {
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
