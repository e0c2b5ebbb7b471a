/**
 * How messages travel when nothing goes wrong: each takes some milliseconds, all arrive at once, or answers come
 * several in one turn.
 */
export type Travel = 'apart' | 'at once' | 'together'

interface AnyClientPlan {
  readonly name: string
  /** When it is launched. */
  readonly startMs: number
  readonly transport: 'embedded' | 'http'
  readonly travel: Travel
  /** How long its transport waits for an answer. */
  readonly timeoutMs: number
  /** How far its time of day is from the server's. */
  readonly clockMs: number
  /** How fast its time goes by. */
  readonly clockRate: number
  /** How often its time of day is set while it waits, after a request that went wrong. */
  readonly jumpRate: number
}

interface ProducingPlan {
  readonly batchSize: number
  readonly lingerMs: number
  readonly maxInFlight: number
  readonly deliveryTimeoutMs: number
  /** How long it pauses between two records or transactions at most. */
  readonly pauseMs: number
  readonly compression: 'none' | 'gzip'
}

export interface ProducerPlan extends AnyClientPlan, ProducingPlan {
  readonly kind: 'producer'
  readonly topics: readonly string[]
  readonly records: number
  readonly isIdempotent: boolean
  readonly acks: 'all' | 'leader' | 'none'
  /** How many keys it has; 0: it chooses partitions. */
  readonly keys: number
  /** How many of its records are tombstones, from 0 to 1; with keys only. */
  readonly tombstoneRate: number
  /** How many of its records are poison, from 0 to 1: those that some readers cannot decode or process. */
  readonly poisonRate: number
  readonly maxBufferedBytes: number
  /** In the end, when everything is well, it sends one more record to each partition. */
  readonly sendsWhenWell: boolean
}

export interface TransactorPlan extends AnyClientPlan, ProducingPlan {
  readonly kind: 'transactor'
  readonly topics: readonly string[]
  readonly transactionalId: string
  readonly transactions: number
  readonly recordsEach: number
  readonly transactionTimeoutMs: number
  /** How often a body throws, and how often it takes longer than its timeout. */
  readonly throwRate: number
  readonly longRate: number
}

export interface ReadingPlan {
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly fetchMaxWaitMs: number
  readonly closeTimeoutMs: number
  readonly maxPartitionFetchBytes: number
}

export type HowToRead = 'loop' | 'next' | 'take' | 'batches' | 'parallel' | 'forEach' | 'filter'
/** `batch`: each batch as a whole. */
export type HowToCommit = 'auto' | 'commit' | 'record' | 'batch' | 'none'

/**
 * What a reader does with records that nobody can process: its handler fails with them and copies them to a dead-letter
 * topic, or they cannot be decoded, and are copied there or skipped.
 */
export interface AsidePlan {
  readonly why: 'handler' | 'invalid'
  /** Undefined: they are skipped. */
  readonly deadTopic: string | undefined
}

export interface ReaderPlan extends AnyClientPlan, ReadingPlan {
  readonly kind: 'reader'
  /** Undefined: on its own. */
  readonly group: string | undefined
  readonly topics: readonly string[]
  /** Subscribes to all topics whose names begin with this. */
  readonly prefix: string | undefined
  /** Chooses all partitions by hand. */
  readonly isAssigned: boolean
  readonly instanceId: string | undefined
  /** `now`: by the time of day that it has when it begins. */
  readonly from: 'earliest' | 'latest' | 'now'
  readonly assignor: 'uniform' | 'range'
  readonly isolation: 'read_committed' | 'read_uncommitted'
  readonly how: HowToRead
  readonly commit: HowToCommit
  readonly autoCommitIntervalMs: number
  readonly ordering: 'key' | 'partition' | 'unordered'
  /** How long it works on a record at most. */
  readonly workMs: number
  /** How often it calls `next()` while another call waits. */
  readonly overlapRate: number
  /** Undefined: it processes what others cannot. */
  readonly aside: AsidePlan | undefined
  /** How often its work fails, it leaves its loop, pauses, and seeks. */
  readonly failRate: number
  readonly leaveRate: number
  readonly pauseRate: number
  readonly seekRate: number
  /** It seeks by time, which passes over what has an older one. */
  readonly seeksByTime: boolean
  readonly isToSeeAll: boolean
}

export interface CopierPlan extends AnyClientPlan, ProducingPlan, ReadingPlan {
  readonly kind: 'copier'
  readonly group: string
  readonly pipeline: string
  readonly input: string
  readonly output: string
  readonly transactionalId: string
  readonly transactionTimeoutMs: number
  readonly how: 'batches' | 'loop' | 'next'
  readonly offsetsOf: 'consumer' | 'records'
  readonly instanceId: string | undefined
  readonly throwRate: number
  readonly longRate: number
}

export interface StreamsPlan extends AnyClientPlan, ReadingPlan {
  readonly kind: 'streams'
  readonly application: string
  readonly pipeline: string
  readonly guarantee: 'exactly-once' | 'at-least-once'
  readonly transform: 'copy' | 'count' | 'processor' | 'windows' | 'join'
  readonly table: string | undefined
  readonly deadTopic: string | undefined
  /** Whether records go through a repartition topic on their way. */
  readonly isRepartitioned: boolean
  readonly input: string
  readonly output: string
  readonly transactionTimeoutMs: number
  readonly deliveryTimeoutMs: number
}

export type ClientPlan = ProducerPlan | TransactorPlan | ReaderPlan | CopierPlan | StreamsPlan
