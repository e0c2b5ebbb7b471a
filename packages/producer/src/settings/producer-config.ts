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
   * A batch of this many bytes stops waiting for more records. Default 16384, as in Kafka. While `maxInFlight` batches
   * are in flight, a waiting batch grows to 256 KiB, where throughput is best. Raise it for high throughput, together
   * with `lingerMs`; keep `maxRequestBytes` above it. Lower it where memory is scarce and records go to many
   * partitions. In bytes. Kafka: batch.size.
   */
  batchSize?: number | undefined
  /**
   * How long a batch waits for more records while another batch of its partition is in flight, in milliseconds. Default
   * 5. With nothing in flight, a batch leaves at once. Raise it for fewer and larger batches, together with
   * `batchSize`; each record may then arrive that much later. Kafka: linger.ms.
   */
  lingerMs?: number | undefined
  /**
   * How batches are compressed. Default `'none'`, which costs no processor time. Change it when the network or the disk
   * is the bottleneck. Larger batches compress better, so raise `lingerMs` and `batchSize` with it. Browsers have only
   * gzip. Kafka: compression.type.
   */
  compression?: CompressionType | undefined
  /**
   * What a send waits for. `'all'`: every in-sync replica; on a single node, its disk. `'leader'`: the leader alone.
   * `'none'`: nothing; the offset is then −1 and a lost record goes unnoticed. Default `'all'`. Lower it for records
   * that you can afford to lose, such as metrics; this also switches `idempotent` off. Kafka: acks.
   */
  acks?: 'all' | 'leader' | 'none' | undefined
  /**
   * How often a batch is retried. Default: until `deliveryTimeout` is over. To give up sooner, lower `deliveryTimeout`
   * instead: it also covers the time before the first attempt. Kafka: retries.
   */
  retries?: number | undefined
  /**
   * The wait before the first retry, in milliseconds. It doubles with each retry, up to 10 s; each is 1 ms at least.
   * Default 100. Raise it when many producers retry at once against a starting server; keep `deliveryTimeout` many
   * times longer. Kafka: retry.backoff.ms.
   */
  retryBackoffMs?: number | undefined
  /**
   * How long the producer tries to deliver a record, counted from the call of `send`. It includes the wait for a server
   * that is still starting, for metadata and for the producer id. A record without an acknowledgement by then is given
   * up. Default 2 minutes. Raise it to survive longer outages, together with `maxBufferedBytes`, which holds the
   * records meanwhile. Kafka: delivery.timeout.ms.
   */
  deliveryTimeout?: Duration | undefined
  /**
   * Numbers the batches. The server then keeps each batch once, however often it arrives, and retries keep the order.
   * Default true; `acks` other than `'all'` switch it off. Without it, the producer never retries a batch whose outcome
   * is unknown, and retries may change the order when `maxInFlight` is above 1. Switch it off only for a server that
   * does not know producer ids. Kafka: enable.idempotence.
   */
  idempotent?: boolean | undefined
  /**
   * How many batches of one partition may be in flight. Default 5, the most that idempotence allows. Lower it to 1 to
   * keep the order without idempotence. Raise it, with `idempotent: false`, only over slow links where order does not
   * matter. Kafka: max.in.flight.requests.per.connection.
   */
  maxInFlight?: number | undefined
  /**
   * How many bytes of records may wait before `ready()` holds callers back. Default 32 MiB. Raise it for bursts and
   * long outages, as far as the memory of the process allows. In bytes. Kafka: buffer.memory.
   */
  maxBufferedBytes?: number | undefined
  /**
   * The most bytes of one record, and of all batches of one request together. Default 1 MiB. Raise it for larger
   * records, together with `max.message.bytes` of the topic. In bytes. Kafka: max.request.size.
   */
  maxRequestBytes?: number | undefined
  /**
   * Chooses the partition of a record. Default `'default'`: a record with a key goes by the key's hash, as in Kafka's
   * Java client; records without a key share one partition per batch. Change it to `'round-robin'` to spread the
   * records evenly. A function of your own has to agree with every other producer of the topic, or records of one key
   * end up in several partitions. Kafka: partitioner.class.
   */
  partitioner?: Partitioner | undefined
  /**
   * Makes the producer send in transactions only. The id names the producer across restarts: a new producer with the
   * same id aborts what the previous one left open, and fences it. Default: none. Set it for writes that must count
   * together or not at all, and give each running process its own id. Raise `transactionTimeout` when a transaction
   * takes long. Kafka: transactional.id.
   */
  transactionalId?: string | undefined
  /**
   * How long a transaction may stay open before the server aborts it. Default 1 minute. Raise it when the work between
   * the first send and the commit takes longer. Readers of committed records wait up to that long behind a crashed
   * producer. Kafka: transaction.timeout.ms.
   */
  transactionTimeout?: Duration | undefined
  /**
   * How long `close()` may take, however silent the server is. It then gives up the records that are not acknowledged:
   * their sends reject with a DisconnectedError, whose `outcome` says whether they may have been written. A transaction
   * that still runs is aborted. Default 30 s, as for consumers, or `deliveryTimeout` where that is less. Lower it below
   * the time in which the process has to stop. Raise it to deliver through an outage at the end, together with
   * `deliveryTimeout`. Kafka: the timeout of KafkaProducer.close.
   */
  closeTimeout?: Duration | undefined
  /** Clock and randomness, for tests. */
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
  closeTimeout: durationField(),
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
  readonly closeTimeoutMs: number
}

type OptionsInOtherForm = 'deliveryTimeout' | 'transactionalId' | 'transactionTimeout' | 'closeTimeout'

/** @throws InvalidRequestError when an option is unknown or wrong, or when two options exclude each other */
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
    closeTimeoutMs: toMilliseconds(given.closeTimeout ?? '30s', 'closeTimeout'),
    runtime: given.runtime ?? runtime,
  }
}
