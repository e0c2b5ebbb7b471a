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
import type { Partitioner } from '../record/partitioner.ts'

export interface ProducerConfig {
  /**
   * A batch of this many bytes no longer waits for more records. Default 16384. While as many batches are in flight as
   * `maxInFlight` allows, a waiting batch grows to 256 KiB, where throughput is best. Raise it for high throughput
   * together with `lingerMs`, and `maxRequestBytes` where it comes near. Kafka: batch.size.
   */
  batchSize?: number | undefined
  /**
   * How long a batch waits for more records while another batch of its partition is in flight, in milliseconds. Default
   * 5. With nothing in flight a batch leaves at once. Raise it for fewer and larger batches, together with `batchSize`;
   * each record may arrive that much later. Kafka: linger.ms.
   */
  lingerMs?: number | undefined
  /**
   * How batches are compressed. Default `'none'`, which costs no processor time. Change it when the network or the disk
   * is the bottleneck; larger batches compress better, so raise `lingerMs` with it. Browsers have gzip only. Kafka:
   * compression.type.
   */
  compression?: CompressionType | undefined
  /**
   * What a send waits for: `'all'` in-sync replicas (default; on one node: the disk), `'leader'`, or `'none'`, which
   * answers offset −1 and loses records silently. Lower it for records that may be lost. Kafka: acks.
   */
  acks?: 'all' | 'leader' | 'none' | undefined
  /**
   * How often a batch is sent again. Default: until `deliveryTimeout`. To give up sooner, lower `deliveryTimeout`
   * instead: it also covers the time before the first attempt. Kafka: retries.
   */
  retries?: number | undefined
  /**
   * The wait before the first retry, in milliseconds; it doubles each time, up to 10 s. Default 100. Raise it when many
   * producers retry at once against a server that is starting. Kafka: retry.backoff.ms.
   */
  retryBackoffMs?: number | undefined
  /**
   * After this time the producer gives up a record that has no acknowledgement. It counts from the call of `send`, and
   * includes the wait for a server that is still starting, for metadata and for the producer id. Default 2 minutes.
   * Raise it to survive longer outages, together with `maxBufferedBytes`, which holds the records meanwhile. Kafka:
   * delivery.timeout.ms.
   */
  deliveryTimeout?: Duration | undefined
  /**
   * Numbers the batches, so that the server keeps a batch once however often it arrives, and retries keep the order.
   * Default true; acks other than `'all'` switch it off. Without it the producer sends a batch whose outcome is unknown
   * only once, and retries may change the order when `maxInFlight` is above 1. Kafka: enable.idempotence.
   */
  idempotent?: boolean | undefined
  /**
   * How many batches of one partition may be in flight. Default 5, the most that idempotence allows. Lower it to 1 to
   * keep the order without idempotence. Kafka: max.in.flight.requests.per.connection.
   */
  maxInFlight?: number | undefined
  /**
   * How many bytes of records may wait before `ready()` holds callers back. Default 32 MiB. Raise it for bursts and
   * long outages, as far as the memory of the process goes. Kafka: buffer.memory.
   */
  maxBufferedBytes?: number | undefined
  /**
   * The most bytes of one record, and of all batches of one request together. Default 1 MiB. Raise it for larger
   * records, together with `max.message.bytes` of the topic. Kafka:
   * max.request.size.
   */
  maxRequestBytes?: number | undefined
  /**
   * Chooses the partition of a record. Default `'default'`: by the hash of its key as Java does, or one partition per
   * batch without a key. A function of your own has to agree with every other producer of the topic. Kafka:
   * partitioner.class.
   */
  partitioner?: Partitioner | undefined
  /**
   * Sends records in transactions only. The id names the producer over restarts: a new producer with the same id aborts
   * what the former left open, and fences it. Default: none. Give each running process an id of its own. Kafka:
   * transactional.id.
   */
  transactionalId?: string | undefined
  /**
   * The server aborts a transaction that is open for longer than this. Default 1 minute. Raise it when the work between
   * the first send and the commit takes longer; readers of committed records wait that long behind a crashed producer.
   * Kafka: transaction.timeout.ms.
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
