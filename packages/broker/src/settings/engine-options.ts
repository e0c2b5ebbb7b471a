import { type Duration, type Runtime, systemRuntime } from '@kafkado/core'
import {
  booleanField,
  choiceField,
  type ConfigFields,
  defaultMaxDecompressedBytes,
  durationField,
  integerField,
  parseConfig,
  runtimeField,
  toMilliseconds,
} from '@kafkado/core/internal'

/** How an embedded engine behaves. */
export interface EmbeddedOptions {
  /** Whether a topic is made when it is first used. Default true. Kafka: auto.create.topics.enable. */
  autoCreateTopics?: boolean | undefined
  /** How many partitions a topic has that does not say. Default 1. Kafka: num.partitions. */
  defaultPartitions?: number | undefined
  /**
   * How long a group member may be silent before its partitions go to others. Default 45 s. Kafka:
   * group.consumer.session.timeout.ms.
   */
  sessionTimeout?: Duration | undefined
  /**
   * How often members of a group send a heartbeat. Default 5 s. While a group has just changed they are asked to come
   * at least every 500 ms, so that partitions move quickly. Kafka: group.consumer.heartbeat.interval.ms.
   */
  heartbeatInterval?: Duration | undefined
  /** The longest time that a transaction may ask for. Default 15 min. Kafka: transaction.max.timeout.ms. */
  maxTransactionTimeout?: Duration | undefined
  /**
   * How often old records are deleted and topics compacted. Default 1 min: often enough that a folder stays small,
   * seldom enough not to be noticed. Kafka: log.retention.check.interval.ms, log.cleaner.backoff.ms.
   */
  cleanupInterval?: Duration | undefined
  /** How long offsets are kept that a group does not commit again. Default 7 days. Kafka: offsets.retention.minutes. */
  offsetsRetention?: Duration | undefined
  /**
   * How long a transactional id that nobody uses is remembered. Default 7 days. Kafka: transactional.id.expiration.ms.
   */
  transactionalIdExpiration?: Duration | undefined
  /**
   * How long a partition remembers the sequence numbers of a producer that no longer writes. Default 1 day. Kafka:
   * producer.id.expiration.ms.
   */
  producerIdExpiration?: Duration | undefined
  /**
   * Records are refused while the disk has fewer free bytes than this; what is there can still be read, deleted and
   * ended. Default 64 MiB, which leaves room for that.
   */
  minFreeBytes?: number | undefined
  /**
   * How long the records of a compressed batch may be when they are unpacked, in bytes, from 1 to 134217728 (128 MiB),
   * which is what readers unpack. Every batch is unpacked to be checked before it is appended, so this bounds the
   * memory that a small batch can ask for; one beyond is refused with MESSAGE_TOO_LARGE, and producers split it.
   * Default 16 times the topic's `max.message.bytes`, at most the 128 MiB. More is needed only where batches shrink to
   * less than a sixteenth. Kafka has no such limit.
   */
  maxUncompressedBatchBytes?: number | undefined
  /**
   * How many bytes a second are read in the background, to compare all record batches with their checksums about once a
   * day: a disk loses bits without a word, and reads for clients compare nothing, as clients do that themselves.
   * Default 4194304 (4 MiB), which takes less than a hundredth of a processor and a day for 350 GB; more for more than
   * that. 0 never does it: then damage shows itself when something is read. What is found is told by the event
   * `damaged`, by `/readyz` of a server, and by CORRUPT_MESSAGE to whoever fetches it. Engines in memory have nothing
   * to compare. Kafka has no such thing.
   */
  scrubBytesPerSecond?: number | undefined
  /**
   * What keeps a new folder: `'journal'` (default) appends to files of its own, in pure JavaScript, writes what it
   * keeps once, and can be backed up while it is used; `'sqlite'` is one file by what is built into Node, and holds the
   * event loop up during a sync; `'lmdb'` is for folders of earlier versions, and needs the package lmdb. A folder
   * stays with what it was made with; `kafkado data convert FOLDER` takes it over into a journal. Memory engines take
   * no notice.
   */
  storage?: 'journal' | 'sqlite' | 'lmdb' | undefined
  /** Time and chance, for tests. */
  runtime?: Runtime | undefined
}

const fields: ConfigFields<EmbeddedOptions> = {
  autoCreateTopics: booleanField(),
  defaultPartitions: integerField(1),
  sessionTimeout: durationField(),
  heartbeatInterval: durationField(),
  maxTransactionTimeout: durationField(),
  cleanupInterval: durationField(),
  offsetsRetention: durationField(),
  transactionalIdExpiration: durationField(),
  producerIdExpiration: durationField(),
  minFreeBytes: integerField(0),
  maxUncompressedBatchBytes: integerField(1, defaultMaxDecompressedBytes),
  scrubBytesPerSecond: integerField(0),
  storage: choiceField('journal', 'sqlite', 'lmdb'),
  runtime: runtimeField(),
}

export interface EngineSettings {
  readonly autoCreateTopics: boolean
  readonly defaultPartitions: number
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly maxTransactionTimeoutMs: number
  readonly cleanupIntervalMs: number
  readonly offsetsRetentionMs: number
  readonly transactionalIdExpirationMs: number
  readonly producerIdExpirationMs: number
  readonly minFreeBytes: number
  readonly scrubBytesPerSecond: number
  /** Undefined: it follows from each topic. */
  readonly maxUncompressedBatchBytes: number | undefined
  readonly runtime: Runtime
}

/** @throws InvalidRequestError when an option is unknown or wrong */
export function engineSettings(options: EmbeddedOptions): EngineSettings {
  const given = parseConfig('engine', fields, options)
  return {
    autoCreateTopics: given.autoCreateTopics ?? true,
    defaultPartitions: given.defaultPartitions ?? 1,
    sessionTimeoutMs: toMilliseconds(given.sessionTimeout ?? '45s', 'sessionTimeout'),
    heartbeatIntervalMs: toMilliseconds(given.heartbeatInterval ?? '5s', 'heartbeatInterval'),
    maxTransactionTimeoutMs: toMilliseconds(given.maxTransactionTimeout ?? '15m', 'maxTransactionTimeout'),
    cleanupIntervalMs: toMilliseconds(given.cleanupInterval ?? '1m', 'cleanupInterval'),
    offsetsRetentionMs: toMilliseconds(given.offsetsRetention ?? '7d', 'offsetsRetention'),
    transactionalIdExpirationMs: toMilliseconds(given.transactionalIdExpiration ?? '7d', 'transactionalIdExpiration'),
    producerIdExpirationMs: toMilliseconds(given.producerIdExpiration ?? '1d', 'producerIdExpiration'),
    maxUncompressedBatchBytes: given.maxUncompressedBatchBytes,
    scrubBytesPerSecond: given.scrubBytesPerSecond ?? 4 * 1024 * 1024,
    minFreeBytes: given.minFreeBytes ?? 64 * 1024 * 1024,
    runtime: given.runtime ?? systemRuntime,
  }
}
