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

/** The options of an embedded engine. */
export interface EmbeddedOptions {
  /**
   * Whether the first use of a missing topic creates it. Default true. Set it to false in production, where a misspelt
   * name should be an error and topics are created with their settings. Kafka: auto.create.topics.enable.
   */
  autoCreateTopics?: boolean | undefined
  /**
   * How many partitions a new topic gets by default. Default 1. Raise it when groups with several members share most
   * topics; a key keeps its partition only while the number stays the same. Kafka: num.partitions.
   */
  defaultPartitions?: number | undefined
  /**
   * The most partitions of one topic. Default 10,000: each partition takes about 2 kB of memory, and a group that reads
   * all of them is assigned anew in a tenth of a second. Raise it, together with `maxPartitionsPerRequest` and
   * `maxPartitionsInAll`, for topics with more. Topics that have more already keep them. Beyond it, a topic is refused
   * with INVALID_PARTITIONS. Kafka has no such limit.
   */
  maxPartitionsPerTopic?: number | undefined
  /**
   * The most partitions that one request may make, in new topics or in present ones. Default 10,000, as in Kafka, so
   * that no request holds up the others for long. Raise it to make large topics at once, together with
   * `maxPartitionsPerTopic`. Beyond it, all topics of the request are refused with POLICY_VIOLATION; divide it.
   */
  maxPartitionsPerRequest?: number | undefined
  /**
   * The most partitions of all topics together. Default 100,000, about 200 MB of memory. Raise it on machines with more
   * memory; lower it when clients that you do not trust may create topics. Partitions that exist already stay. Beyond
   * it, topics and partitions are refused with POLICY_VIOLATION. Kafka has no such limit.
   */
  maxPartitionsInAll?: number | undefined
  /**
   * The most topics, including those that their first use creates. Default 20,000. Raise it for more, together with
   * `maxPartitionsInAll`; lower it when clients that you do not trust may create topics. Topics that exist already
   * stay. Beyond it, a new topic is refused with POLICY_VIOLATION. Kafka has no such limit.
   */
  maxTopics?: number | undefined
  /**
   * The most groups: those with members, and those with committed offsets alone. Default 100,000. Lower it when clients
   * that you do not trust may join groups or commit offsets. Groups that exist already stay. Beyond it, a new group is
   * refused with POLICY_VIOLATION. Kafka has no such limit.
   */
  maxGroups?: number | undefined
  /**
   * The most members of one group. Default 1,000: each one that comes or goes may move the partitions of all. Raise it
   * for larger groups. Beyond it, a member that joins is refused with GROUP_MAX_SIZE_REACHED; those that are in the
   * group stay. Kafka: group.consumer.max.size, unlimited there.
   */
  maxGroupMembers?: number | undefined
  /**
   * How long a group member may be silent before its partitions go to others. Default 45 s. Lower it for a faster
   * takeover after a crash, and keep it at least three times `heartbeatInterval`. Raise it when members pause for long,
   * such as in background tabs. Kafka: group.consumer.session.timeout.ms.
   */
  sessionTimeout?: Duration | undefined
  /**
   * How often group members send a heartbeat. Default 5 s. For a while after a change of a group, its members come at
   * least every 500 ms, so that partitions move quickly. Lower it for faster reactions of idle groups, together with
   * `sessionTimeout`; raise it when very many members load the engine. Kafka: group.consumer.heartbeat.interval.ms.
   */
  heartbeatInterval?: Duration | undefined
  /**
   * The longest timeout that a transaction may ask for. Default 15 min. Raise it for longer transactions, together with
   * the producers' `transactionTimeout`; lower it to limit how long a crashed producer holds up readers of committed
   * records. Kafka: transaction.max.timeout.ms.
   */
  maxTransactionTimeout?: Duration | undefined
  /**
   * How often old records are deleted and topics compacted. Default 1 min: often enough to keep a folder small, seldom
   * enough to stay unnoticed. Lower it for retention times below a few minutes; raise it to save work with very many
   * partitions. Kafka: log.retention.check.interval.ms, log.cleaner.backoff.ms.
   */
  cleanupInterval?: Duration | undefined
  /**
   * How long the engine keeps offsets that a group no longer commits. Default 7 days. Raise it for groups that pause
   * longer: after that, they begin where `offset` of their consumers says. Kafka: offsets.retention.minutes.
   */
  offsetsRetention?: Duration | undefined
  /**
   * How long the engine remembers an unused transactional id. Default 7 days. Raise it when a producer may stop for
   * longer and must still fence its predecessor. Kafka: transactional.id.expiration.ms.
   */
  transactionalIdExpiration?: Duration | undefined
  /**
   * How long a partition remembers the sequence numbers of an inactive producer. Default 1 day. Raise it when a
   * producer may retry a batch after a longer outage, together with its `deliveryTimeout`. Lower it when very many
   * short-lived producers take memory. Kafka: producer.id.expiration.ms.
   */
  producerIdExpiration?: Duration | undefined
  /**
   * While the disk has fewer free bytes than this, requests that write anything are refused with a retriable
   * `StorageError`. Reading goes on, and so does what ends or removes something: the end of a transaction, leaving a
   * group, deletions, expiry, and changes of the retention or compaction of topics. Default 64 MiB, enough room for
   * these. Raise it when other programs write to the same disk. In bytes.
   */
  minFreeBytes?: number | undefined
  /**
   * The most bytes that the records of a compressed batch may take when unpacked, from 1 to 134217728 (128 MiB), the
   * limit of readers. The engine unpacks every batch to check it before it is appended, so this limits the memory that
   * a small batch can ask for. A batch beyond it is refused with MESSAGE_TOO_LARGE, and producers split it. Default: 16
   * times the topic's `max.message.bytes`, at most 128 MiB. Raise it only for batches that shrink to less than a
   * sixteenth. In bytes. Kafka has no such limit.
   */
  maxUncompressedBatchBytes?: number | undefined
  /**
   * How many bytes a second to read in the background, to compare all record batches with their checksums about once a
   * day. Disks lose bits silently, and reads for clients verify nothing, because clients do. Default 4194304 (4 MiB):
   * it takes less than a hundredth of a processor, and a day for 350 GB. Raise it for larger folders. 0 switches it
   * off; damage then shows only when something is read. Damage is reported by the event `damaged`, by `/readyz` of a
   * server, and by CORRUPT_MESSAGE to readers. Engines in memory have nothing to compare. Kafka has no such option.
   */
  scrubBytesPerSecond?: number | undefined
  /**
   * The storage of a new folder. `'journal'` (default) appends to its own files, in pure JavaScript, writes everything
   * once, and can be backed up while in use. `'sqlite'` is one file, written by the SQLite that Node includes; it
   * blocks the event loop during a sync. `'lmdb'` is for folders of earlier versions, and needs the package lmdb. A
   * folder keeps the storage that it was made with; `kafkado data convert FOLDER` turns it into a journal. Change it
   * only to read a folder with tools for SQLite. Memory engines ignore it.
   */
  storage?: 'journal' | 'sqlite' | 'lmdb' | undefined
  /** Clock and randomness, for tests. */
  runtime?: Runtime | undefined
}

const fields: ConfigFields<EmbeddedOptions> = {
  autoCreateTopics: booleanField(),
  defaultPartitions: integerField(1),
  maxPartitionsPerTopic: integerField(1),
  maxPartitionsPerRequest: integerField(1),
  maxPartitionsInAll: integerField(1),
  maxTopics: integerField(1),
  maxGroups: integerField(1),
  maxGroupMembers: integerField(1),
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
  readonly maxPartitionsPerTopic: number
  readonly maxPartitionsPerRequest: number
  readonly maxPartitionsInAll: number
  readonly maxTopics: number
  readonly maxGroups: number
  readonly maxGroupMembers: number
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly maxTransactionTimeoutMs: number
  readonly cleanupIntervalMs: number
  readonly offsetsRetentionMs: number
  readonly transactionalIdExpirationMs: number
  readonly producerIdExpirationMs: number
  readonly minFreeBytes: number
  readonly scrubBytesPerSecond: number
  /** Undefined: it depends on each topic. */
  readonly maxUncompressedBatchBytes: number | undefined
  readonly runtime: Runtime
}

/** @throws InvalidRequestError when an option is unknown or not valid */
export function engineSettings(options: EmbeddedOptions): EngineSettings {
  const given = parseConfig('engine', fields, options)
  return {
    autoCreateTopics: given.autoCreateTopics ?? true,
    defaultPartitions: given.defaultPartitions ?? 1,
    maxPartitionsPerTopic: given.maxPartitionsPerTopic ?? 10_000,
    maxPartitionsPerRequest: given.maxPartitionsPerRequest ?? 10_000,
    maxPartitionsInAll: given.maxPartitionsInAll ?? 100_000,
    maxTopics: given.maxTopics ?? 20_000,
    maxGroups: given.maxGroups ?? 100_000,
    maxGroupMembers: given.maxGroupMembers ?? 1000,
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
