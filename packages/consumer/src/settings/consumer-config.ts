import {
  type Duration,
  type LogPosition,
  type Runtime,
  systemRuntime,
  type TopicPartition,
  type Transport,
} from '@kafkado/core'
import {
  booleanField,
  choiceField,
  type ConfigFields,
  durationField,
  field,
  functionField,
  integerField,
  isObject,
  isTimestamp,
  parseConfig,
  requireTopicName,
  runtimeField,
  textField,
  toMilliseconds,
} from '@kafkado/core/internal'

/** Where to begin in a partition for which the group has no commit: at its start, at its end, or at a time. */
export type StartOffset = LogPosition

export type PartitionsListener = (partitions: readonly TopicPartition[]) => void | Promise<void>

export interface ConsumerConfig {
  /**
   * The consumer group: its members share the partitions and continue where the group has committed. Without a group
   * the consumer reads all partitions by itself, from `offset` on, and commits nothing. Default: none. Kafka: group.id.
   */
  group?: string | undefined
  /**
   * Where to begin in a partition without a commit, and where the log no longer has the position. Default `'earliest'`,
   * which skips nothing. Change it to `'latest'` for readers that want new records only. Kafka: auto.offset.reset.
   */
  offset?: StartOffset | undefined
  /**
   * Commits what has been processed, every `autoCommitInterval` and when partitions or the group are left. Default
   * true. A record counts as processed when the loop asks for the next one, so a crash repeats records and never skips
   * one. It ends when a transaction commits offsets of this consumer. Before that it leaves out what was read in the
   * body of a transaction until that is committed; after an abort, until a record is processed that was read later.
   * Where nothing was read yet, a position is committed only if the next reader would begin elsewhere. Turn it off in
   * browsers, and where several records are read one by one before the transaction begins that commits them. Kafka:
   * enable.auto.commit.
   */
  autoCommit?: boolean | undefined
  /**
   * How often `autoCommit` commits. Default 5 s: a crash repeats what was processed in the last 5 s. Lower it to repeat
   * less, also in web pages, which are loaded anew at any time; each commit is one more request. Kafka:
   * auto.commit.interval.ms.
   */
  autoCommitInterval?: Duration | undefined
  /**
   * How many records of one partition the consumer gives out before another partition has its turn. Default 500. Lower
   * it when records take long and all partitions should progress evenly. Kafka: max.poll.records.
   */
  maxPollRecords?: number | undefined
  /**
   * How many bytes the server collects before it answers a fetch. Default 1: it answers at once. Raise it for fewer and
   * larger answers, together with `fetchMaxWaitMs`, which limits the wait. Kafka: fetch.min.bytes.
   */
  fetchMinBytes?: number | undefined
  /**
   * How long the server waits for `fetchMinBytes`, in milliseconds. Default 500. Raise it for topics with few records,
   * to save requests; a higher value delays no record while `fetchMinBytes` is 1. Kafka: fetch.max.wait.ms.
   */
  fetchMaxWaitMs?: number | undefined
  /**
   * The most bytes of one answer to a fetch; a single batch may be larger. Default 50 MiB. Lower it where memory is
   * short, such as in browsers. Kafka: fetch.max.bytes.
   */
  fetchMaxBytes?: number | undefined
  /**
   * The most bytes that the consumer fetches ahead for one partition. Default 1 MiB. Raise it for throughput over slow
   * networks, together with `fetchMaxBytes`; the consumer needs as much memory for each partition. Kafka:
   * max.partition.fetch.bytes.
   */
  maxPartitionFetchBytes?: number | undefined
  /**
   * After this time without an answered heartbeat the consumer takes its partitions as lost. Default 45 s, as on the
   * server, which decides by its own setting when others get them (KIP-848). Change both together. Kafka:
   * group.consumer.session.timeout.ms.
   */
  sessionTimeout?: Duration | undefined
  /**
   * How often the consumer sends a heartbeat until the server names its own interval. Default 3 s. It rarely needs a
   * change; keep it below a third of `sessionTimeout`. Kafka: group.consumer.heartbeat.interval.ms.
   */
  heartbeatInterval?: Duration | undefined
  /**
   * How long the group waits for this member to give up partitions. Default 5 minutes. Raise it when one record, or one
   * call of `onRevoked`, takes longer. Kafka: max.poll.interval.ms.
   */
  rebalanceTimeout?: Duration | undefined
  /**
   * `'read_committed'` (default) gives records of committed transactions only, so readers wait for open ones. Change it
   * to `'read_uncommitted'` to see records at once, whatever becomes of them. Kafka: isolation.level.
   */
  isolation?: 'read_committed' | 'read_uncommitted' | undefined
  /**
   * A name that stays the same over restarts, so that a member which comes back within the session timeout gets its
   * partitions again. Default: none. Give each running member a name of its own, so also each tab of a browser. Kafka:
   * group.instance.id.
   */
  instanceId?: string | undefined
  /** Where the member runs; `admin.describeGroup` and Kafka's tools show it. Default: none. Kafka: client.rack. */
  rack?: string | undefined
  /**
   * How the server spreads partitions: `'uniform'` or `'range'`. Default: the group's own. `'range'` gives a member the
   * same partitions of several topics, as joins by partition need. Kafka: group.remote.assignor.
   */
  assignor?: 'uniform' | 'range' | undefined
  /** The consumer calls and awaits it before it gives out records of new partitions. */
  onAssigned?: PartitionsListener | undefined
  /** The consumer calls and awaits it before it gives partitions up, and then commits what was processed of them. */
  onRevoked?: PartitionsListener | undefined
  /** The consumer calls it when it has lost partitions, too late for a commit: others may already process them. */
  onLost?: PartitionsListener | undefined
  /**
   * What becomes of a record that does not decode: `'throw'` (default) ends the iteration with a SerializationError,
   * `'skip'` leaves it out, and `{ deadLetter: TOPIC }` puts it aside there, byte for byte with headers that say where
   * it comes from, before it counts as processed.
   */
  onInvalid?: 'throw' | 'skip' | { readonly deadLetter: string } | undefined
  /**
   * After this time without progress the consumer emits `stalled`: a handler hangs, nobody asks for the next record, or
   * the server is silent. Default 1 minute. Raise it above the longest time that one record may take.
   */
  stallTimeout?: Duration | undefined
  /**
   * When `close()` has ended at the latest. The last quarter of it, at most 5 s, is kept for the last commit and for
   * leaving the group; the rest is for handlers of `parallel`, listeners and transactions that are under way. Default
   * 30 s, so that ordinary work is finished. Raise it together with what ends the process (such as Kubernetes'
   * terminationGracePeriodSeconds). Kafka: the timeout of KafkaConsumer.close.
   */
  closeTimeout?: Duration | undefined
  /** Time and chance, for tests. */
  runtime?: Runtime | undefined
}

const fields: ConfigFields<ConsumerConfig> = {
  group: textField(),
  offset: field(isStartOffset, "must be 'earliest', 'latest' or { timestamp }"),
  autoCommit: booleanField(),
  autoCommitInterval: durationField(),
  maxPollRecords: integerField(1),
  fetchMinBytes: integerField(0),
  fetchMaxWaitMs: integerField(0),
  fetchMaxBytes: integerField(1),
  maxPartitionFetchBytes: integerField(1),
  sessionTimeout: durationField(),
  heartbeatInterval: durationField(),
  rebalanceTimeout: durationField(),
  isolation: choiceField('read_committed', 'read_uncommitted'),
  instanceId: textField(),
  rack: textField(),
  assignor: choiceField('uniform', 'range'),
  onAssigned: functionField(),
  onRevoked: functionField(),
  onLost: functionField(),
  onInvalid: field(
    (value) => value === 'throw' || value === 'skip' || (isObject(value) && typeof value['deadLetter'] === 'string'),
    "must be 'throw', 'skip' or { deadLetter: TOPIC }",
  ),
  stallTimeout: durationField(),
  closeTimeout: durationField(),
  runtime: runtimeField(),
}

function isStartOffset(value: unknown): boolean {
  if (value === 'earliest' || value === 'latest') return true
  return isObject(value) && isTimestamp(value['timestamp'])
}

/** The configuration with its defaults. */
export interface ConsumerSettings {
  readonly group: string | undefined
  readonly offset: StartOffset
  readonly autoCommit: boolean
  readonly autoCommitIntervalMs: number
  readonly maxPollRecords: number
  readonly fetchMinBytes: number
  readonly fetchMaxWaitMs: number
  readonly fetchMaxBytes: number
  readonly maxPartitionFetchBytes: number
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly rebalanceTimeoutMs: number
  readonly isolation: 'read_committed' | 'read_uncommitted'
  readonly instanceId: string | null
  readonly rack: string | null
  readonly assignor: string | null
  readonly onAssigned: PartitionsListener
  readonly onRevoked: PartitionsListener
  readonly onLost: PartitionsListener
  readonly onInvalid: 'throw' | 'skip' | { readonly deadLetter: string }
  readonly stallTimeoutMs: number
  readonly closeTimeoutMs: number
  readonly runtime: Runtime
}

/** @throws InvalidRequestError when an option is unknown, missing or wrong */
export function consumerSettings(
  config: ConsumerConfig,
  { runtime = systemRuntime }: Pick<Transport, 'runtime'>,
): ConsumerSettings {
  const given = parseConfig('consumer', fields, config)
  const nothing: PartitionsListener = () => undefined
  if (typeof given.onInvalid === 'object') requireTopicName(given.onInvalid.deadLetter)
  return {
    group: given.group,
    offset: given.offset ?? 'earliest',
    autoCommit: given.group !== undefined && (given.autoCommit ?? true),
    autoCommitIntervalMs: toMilliseconds(given.autoCommitInterval ?? '5s', 'autoCommitInterval'),
    maxPollRecords: given.maxPollRecords ?? 500,
    fetchMinBytes: given.fetchMinBytes ?? 1,
    fetchMaxWaitMs: given.fetchMaxWaitMs ?? 500,
    fetchMaxBytes: given.fetchMaxBytes ?? 50 * 1024 * 1024,
    maxPartitionFetchBytes: given.maxPartitionFetchBytes ?? 1024 * 1024,
    sessionTimeoutMs: toMilliseconds(given.sessionTimeout ?? '45s', 'sessionTimeout'),
    heartbeatIntervalMs: toMilliseconds(given.heartbeatInterval ?? '3s', 'heartbeatInterval'),
    rebalanceTimeoutMs: toMilliseconds(given.rebalanceTimeout ?? '5m', 'rebalanceTimeout'),
    isolation: given.isolation ?? 'read_committed',
    instanceId: given.instanceId ?? null,
    rack: given.rack ?? null,
    assignor: given.assignor ?? null,
    onAssigned: given.onAssigned ?? nothing,
    onRevoked: given.onRevoked ?? nothing,
    onLost: given.onLost ?? nothing,
    onInvalid: given.onInvalid ?? 'throw',
    stallTimeoutMs: toMilliseconds(given.stallTimeout ?? '1m', 'stallTimeout'),
    closeTimeoutMs: toMilliseconds(given.closeTimeout ?? '30s', 'closeTimeout'),
    runtime: given.runtime ?? runtime,
  }
}
