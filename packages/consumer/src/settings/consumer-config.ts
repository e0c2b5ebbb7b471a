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

/** Where to begin in a partition without a committed offset: at its start, at its end, or at a time. */
export type StartOffset = LogPosition

export type PartitionsListener = (partitions: readonly TopicPartition[]) => void | Promise<void>

export interface ConsumerConfig {
  /**
   * The consumer group. Its members share the partitions and continue from the group's committed offsets. Without a
   * group, the consumer reads all partitions by itself, from `offset` on, and commits nothing. Default: none. Set it
   * when several processes share the work, or when a restart has to continue where the last run ended. Kafka: group.id.
   */
  group?: string | undefined
  /**
   * Where to begin in a partition without a committed offset, and where the log no longer has the position. Default
   * `'earliest'`, which skips nothing. Change it to `'latest'` for readers that want only new records, or to a time to
   * begin there. Kafka: auto.offset.reset.
   */
  offset?: StartOffset | undefined
  /**
   * Commits processed records every `autoCommitInterval`, and before the consumer gives up partitions or leaves the
   * group. Default true. A record counts as processed when the loop asks for the next one, so a crash repeats records
   * and never skips one. Automatic commits end when a transaction commits offsets of this consumer. Until then they
   * leave out records that the body of an open transaction has read, and after an abort they wait until a later record
   * is processed. Before the first record, they commit a position only if the next reader would begin elsewhere.
   *
   * Turn it off when you commit by yourself, and when you collect records one by one for a transaction that begins
   * afterwards. Turn it off in browsers too, where a page may go away at any time. Kafka: enable.auto.commit.
   */
  autoCommit?: boolean | undefined
  /**
   * How often `autoCommit` commits. Default 5 s: a crash repeats the records of the last 5 s. Lower it to repeat less,
   * for example in web pages, which reload at any time; each commit costs a request. Kafka: auto.commit.interval.ms.
   */
  autoCommitInterval?: Duration | undefined
  /**
   * How many records of one partition the consumer gives out before it is the next partition's turn. Default 500. Lower
   * it when records take long and all partitions should progress evenly. Kafka: max.poll.records.
   */
  maxPollRecords?: number | undefined
  /**
   * How many bytes the server collects before it answers a fetch. Default 1: it answers at once. Raise it for fewer and
   * larger answers, together with `fetchMaxWaitMs`, which limits the wait. In bytes. Kafka: fetch.min.bytes.
   */
  fetchMinBytes?: number | undefined
  /**
   * How long the server waits for `fetchMinBytes`, in milliseconds. Default 500. Raise it for topics with few records,
   * to save requests; a higher value delays no record while `fetchMinBytes` is 1. Kafka: fetch.max.wait.ms.
   */
  fetchMaxWaitMs?: number | undefined
  /**
   * The most bytes of one answer to a fetch; a single larger batch still arrives. Default 50 MiB. Lower it where memory
   * is scarce, such as in browsers; raise it with `maxPartitionFetchBytes` times the number of partitions. In bytes.
   * Kafka: fetch.max.bytes.
   */
  fetchMaxBytes?: number | undefined
  /**
   * The most bytes that the consumer fetches ahead for one partition. Default 1 MiB. Raise it for throughput over slow
   * networks, together with `fetchMaxBytes`. The consumer may need this much memory for each partition. In bytes.
   * Kafka: max.partition.fetch.bytes.
   */
  maxPartitionFetchBytes?: number | undefined
  /**
   * After this time without an answered heartbeat, the consumer considers its partitions lost. Default 45 s, as on the
   * server, whose own setting decides when other members get them (KIP-848). Lower it to notice an unreachable server
   * sooner, raise it for a network that fails for longer; change the server's setting with it. Kafka:
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
   * call of `onRevoked`, takes longer; a hanging member then holds its partitions longer too. Kafka:
   * max.poll.interval.ms.
   */
  rebalanceTimeout?: Duration | undefined
  /**
   * Which records the consumer reads. `'read_committed'`, the default, gives out only records of committed
   * transactions, and waits for open ones. Change it to `'read_uncommitted'` to see records at once, including those of
   * transactions that abort later. Kafka: isolation.level.
   */
  isolation?: 'read_committed' | 'read_uncommitted' | undefined
  /**
   * A name that stays the same across restarts. A member that comes back within the session timeout gets its partitions
   * again, without a rebalance. Default: none. Set it for services that restart quickly, and raise `sessionTimeout`
   * above the time that a restart takes. Each running member needs its own name, and so does each browser tab. Kafka:
   * group.instance.id.
   */
  instanceId?: string | undefined
  /**
   * Where the member runs. `admin.describeGroup` and Kafka's tools show it. Default: none. Set it to find members in a
   * large deployment; it does not change the assignment. Kafka: client.rack.
   */
  rack?: string | undefined
  /**
   * How the server spreads partitions: `'uniform'` or `'range'`. Default: the group's own choice. Change it to
   * `'range'` when a member has to get the same partition numbers of several topics, for example to join them; set it
   * for all members. Kafka: group.remote.assignor.
   */
  assignor?: 'uniform' | 'range' | undefined
  /**
   * Called and awaited before the consumer gives out records of new partitions. Default: none. Set it to load state, or
   * to call `seek()` with offsets that you keep elsewhere.
   */
  onAssigned?: PartitionsListener | undefined
  /**
   * Called and awaited before the consumer gives up partitions. It commits their processed records afterwards. Default:
   * none. Set it to finish and store your own work; raise `rebalanceTimeout` above the time that this takes.
   */
  onRevoked?: PartitionsListener | undefined
  /**
   * Called when partitions are lost. It is too late for a commit: other members may already process them. Default:
   * none. Set it to drop state that belongs to these partitions.
   */
  onLost?: PartitionsListener | undefined
  /**
   * What to do with a record that cannot be decoded. `'throw'`, the default, ends the iteration with a
   * SerializationError. `'skip'` leaves the record out. `{ deadLetter: TOPIC }` copies it to that topic, byte for byte,
   * with headers that tell where it comes from, and then counts it as processed. Change it when one bad record must not
   * stop the others.
   */
  onInvalid?: 'throw' | 'skip' | { readonly deadLetter: string } | undefined
  /**
   * After this time without progress the consumer emits `stalled`: a handler hangs, nobody asks for the next record, or
   * the server is silent or was never reached. Default 1 minute. Raise it above the longest time that one record may
   * take. Lower it to hear of trouble sooner.
   */
  stallTimeout?: Duration | undefined
  /**
   * The longest that `close()` takes. The last quarter, at most 5 s, is reserved for the last commit and for leaving
   * the group. The rest is for running handlers of `parallel`, listeners and transactions. Default 30 s, enough to
   * finish ordinary work. Raise it when one record takes longer, together with the limit of whatever ends the process
   * (such as Kubernetes' terminationGracePeriodSeconds). Kafka: the timeout of KafkaConsumer.close.
   */
  closeTimeout?: Duration | undefined
  /** Clock and randomness, for tests. */
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
