import {
  type CompressionType,
  type Duration,
  InvalidRequestError,
  type Runtime,
  systemRuntime,
  type Transport,
} from '@kafkado/core'
import {
  booleanField,
  choiceField,
  type ConfigFields,
  durationField,
  field,
  integerField,
  parseConfig,
  runtimeField,
  textField,
  toMilliseconds,
} from '@kafkado/core/internal'
import type { Partitioner } from './record/partitioner.ts'

export interface ProducerConfig {
  /**
   * From how many bytes on a batch no longer waits for more records. Default 16384. A batch that cannot leave yet,
   * because as many are in flight as may be, goes on growing to 256 KiB, which is where throughput is best. Kafka:
   * batch.size.
   */
  batchSize?: number | undefined
  /**
   * How long a batch waits for more records while another one of its partition is in flight, in milliseconds. Default
   * 5. When nothing is in flight it does not wait at all. Kafka: linger.ms.
   */
  lingerMs?: number | undefined
  /** Default `'none'`. Browsers have gzip only. Kafka: compression.type. */
  compression?: CompressionType | undefined
  /**
   * What a send waits for: `'all'` in-sync replicas (default; on one node: the disk), `'leader'`, or `'none'`, which
   * answers offset −1 and loses records without a word. Kafka: acks.
   */
  acks?: 'all' | 'leader' | 'none' | undefined
  /** How often a batch is sent again. Default: until `deliveryTimeout`. Kafka: retries. */
  retries?: number | undefined
  /**
   * The wait before the first retry in milliseconds; it doubles each time, to 10 s. Default 100. Kafka:
   * retry.backoff.ms.
   */
  retryBackoffMs?: number | undefined
  /**
   * After this time a record that was not acknowledged is given up. It counts from the call of `send`, so that a server
   * which is not up yet, metadata and the producer id are waited for within it. Default 2 minutes. Kafka:
   * delivery.timeout.ms.
   */
  deliveryTimeout?: Duration | undefined
  /**
   * Numbers the batches, so that one which is sent twice is kept once, and their order holds over retries. Default
   * true, except that acks other than `'all'` switch it off. Without it a batch whose outcome is not known is not sent
   * again, and with more than one in flight retries may change the order. Kafka: enable.idempotence.
   */
  idempotent?: boolean | undefined
  /**
   * How many batches of one partition may be on their way. Default 5, the most that idempotence allows. Kafka:
   * max.in.flight.requests.per.connection.
   */
  maxInFlight?: number | undefined
  /** How many bytes of records may wait before `ready()` holds callers back. Default 32 MiB. Kafka: buffer.memory. */
  maxBufferedBytes?: number | undefined
  /**
   * The longest that a record, or all batches of one request together, may be. Default 1 MiB. Kafka: max.request.size.
   */
  maxRequestBytes?: number | undefined
  /** Default `'default'`. Kafka: partitioner.class. */
  partitioner?: Partitioner | undefined
  /**
   * Lets records be sent in transactions, and in no other way. The id names the producer over restarts: a new one with
   * the same id aborts what the former left open, and fences it. Kafka: transactional.id.
   */
  transactionalId?: string | undefined
  /**
   * After this time the server aborts a transaction that is still open. Default 1 minute. Kafka:
   * transaction.timeout.ms.
   */
  transactionTimeout?: Duration | undefined
  /** Time and chance, for tests. */
  runtime?: Runtime | undefined
}

const fields: ConfigFields<ProducerConfig> = {
  batchSize: integerField(0),
  lingerMs: integerField(0),
  compression: choiceField('none', 'gzip', 'snappy', 'lz4', 'zstd'),
  acks: choiceField('all', 'leader', 'none'),
  retries: integerField(0),
  retryBackoffMs: integerField(0),
  deliveryTimeout: durationField(),
  idempotent: booleanField(),
  maxInFlight: integerField(1),
  maxBufferedBytes: integerField(1),
  maxRequestBytes: integerField(1),
  partitioner: field(
    (value) => value === 'default' || value === 'round-robin' || typeof value === 'function',
    "must be 'default', 'round-robin' or a function",
  ),
  transactionalId: textField(),
  transactionTimeout: durationField(),
  runtime: runtimeField(),
}

const mostInFlightIdempotent = 5

/** The configuration with its defaults. */
export type ProducerSettings = Readonly<
  Required<{ [Option in keyof Omit<ProducerConfig, OptionsInOtherForm>]: NonNullable<ProducerConfig[Option]> }>
> & {
  readonly deliveryTimeoutMs: number
  readonly transactionalId: string | undefined
  readonly transactionTimeoutMs: number
}

type OptionsInOtherForm = 'deliveryTimeout' | 'transactionalId' | 'transactionTimeout'

/** @throws InvalidRequestError when an option is unknown or wrong, or two do not go together */
export function producerSettings(
  config: ProducerConfig,
  { runtime = systemRuntime }: Pick<Transport, 'runtime'>,
): ProducerSettings {
  const given = parseConfig('producer', fields, config)
  const { acks = 'all', maxInFlight = mostInFlightIdempotent } = given
  const idempotent = given.idempotent ?? (acks === 'all' && maxInFlight <= mostInFlightIdempotent)
  const refuse = (contradiction: string): never => {
    throw new InvalidRequestError(`producer configuration: ${contradiction}`)
  }
  if (idempotent && acks !== 'all')
    refuse(`idempotent needs acks 'all', got '${acks}'; leave idempotent out or set it to false`)
  if (idempotent && maxInFlight > mostInFlightIdempotent)
    refuse(`idempotent allows a maxInFlight of at most ${mostInFlightIdempotent}, got ${maxInFlight}`)
  if (given.transactionalId && !idempotent) refuse('transactionalId needs idempotent')
  return {
    batchSize: given.batchSize ?? 16_384,
    lingerMs: given.lingerMs ?? 5,
    compression: given.compression ?? 'none',
    acks,
    retries: given.retries ?? Number.MAX_SAFE_INTEGER,
    retryBackoffMs: given.retryBackoffMs ?? 100,
    deliveryTimeoutMs: toMilliseconds(given.deliveryTimeout ?? '2m', 'deliveryTimeout'),
    idempotent,
    maxInFlight,
    maxBufferedBytes: given.maxBufferedBytes ?? 32 * 1024 * 1024,
    maxRequestBytes: given.maxRequestBytes ?? 1024 * 1024,
    partitioner: given.partitioner ?? 'default',
    transactionalId: given.transactionalId,
    transactionTimeoutMs: toMilliseconds(given.transactionTimeout ?? '1m', 'transactionTimeout'),
    runtime: given.runtime ?? runtime,
  }
}
