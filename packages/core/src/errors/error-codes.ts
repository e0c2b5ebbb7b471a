/**
 * Kafka's errors: the only table of their names and numbers. All other code uses the names. Names, numbers and
 * `retriable` follow the Kafka protocol; the table has only the errors that kafkado's operations can answer. Their
 * meanings are in error-descriptions.ts, which engines use and browsers need not load.
 *
 * `retriable`: the same call may succeed when it is made again. `outcome: 'unknown'`: the request may have been carried
 * out nevertheless, by a replica, or before the error happened.
 */
const table = {
  UNKNOWN_SERVER_ERROR: { code: -1, outcome: 'unknown' },
  NONE: { code: 0 },
  OFFSET_OUT_OF_RANGE: { code: 1 },
  CORRUPT_MESSAGE: { code: 2, retriable: true },
  UNKNOWN_TOPIC_OR_PARTITION: { code: 3, retriable: true },
  LEADER_NOT_AVAILABLE: { code: 5, retriable: true },
  NOT_LEADER_OR_FOLLOWER: { code: 6, retriable: true },
  REQUEST_TIMED_OUT: { code: 7, retriable: true, outcome: 'unknown' },
  REPLICA_NOT_AVAILABLE: { code: 9, retriable: true },
  MESSAGE_TOO_LARGE: { code: 10 },
  OFFSET_METADATA_TOO_LARGE: { code: 12 },
  NETWORK_EXCEPTION: { code: 13, retriable: true, outcome: 'unknown' },
  COORDINATOR_LOAD_IN_PROGRESS: { code: 14, retriable: true },
  COORDINATOR_NOT_AVAILABLE: { code: 15, retriable: true },
  NOT_COORDINATOR: { code: 16, retriable: true },
  INVALID_TOPIC_EXCEPTION: { code: 17 },
  RECORD_LIST_TOO_LARGE: { code: 18 },
  NOT_ENOUGH_REPLICAS: { code: 19, retriable: true },
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: { code: 20, retriable: true, outcome: 'unknown' },
  INVALID_REQUIRED_ACKS: { code: 21 },
  ILLEGAL_GENERATION: { code: 22 },
  INVALID_GROUP_ID: { code: 24 },
  UNKNOWN_MEMBER_ID: { code: 25 },
  INVALID_SESSION_TIMEOUT: { code: 26 },
  REBALANCE_IN_PROGRESS: { code: 27 },
  INVALID_COMMIT_OFFSET_SIZE: { code: 28 },
  TOPIC_AUTHORIZATION_FAILED: { code: 29 },
  GROUP_AUTHORIZATION_FAILED: { code: 30 },
  CLUSTER_AUTHORIZATION_FAILED: { code: 31 },
  INVALID_TIMESTAMP: { code: 32 },
  UNSUPPORTED_VERSION: { code: 35 },
  TOPIC_ALREADY_EXISTS: { code: 36 },
  INVALID_PARTITIONS: { code: 37 },
  INVALID_REPLICATION_FACTOR: { code: 38 },
  INVALID_CONFIG: { code: 40 },
  NOT_CONTROLLER: { code: 41, retriable: true },
  INVALID_REQUEST: { code: 42 },
  UNSUPPORTED_FOR_MESSAGE_FORMAT: { code: 43 },
  POLICY_VIOLATION: { code: 44 },
  OUT_OF_ORDER_SEQUENCE_NUMBER: { code: 45 },
  DUPLICATE_SEQUENCE_NUMBER: { code: 46 },
  INVALID_PRODUCER_EPOCH: { code: 47 },
  INVALID_TXN_STATE: { code: 48 },
  INVALID_PRODUCER_ID_MAPPING: { code: 49 },
  INVALID_TRANSACTION_TIMEOUT: { code: 50 },
  CONCURRENT_TRANSACTIONS: { code: 51, retriable: true },
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: { code: 53 },
  SECURITY_DISABLED: { code: 54 },
  OPERATION_NOT_ATTEMPTED: { code: 55 },
  KAFKA_STORAGE_ERROR: { code: 56, retriable: true, outcome: 'unknown' },
  SASL_AUTHENTICATION_FAILED: { code: 58 },
  UNKNOWN_PRODUCER_ID: { code: 59 },
  NON_EMPTY_GROUP: { code: 68 },
  GROUP_ID_NOT_FOUND: { code: 69 },
  FENCED_LEADER_EPOCH: { code: 74, retriable: true },
  UNKNOWN_LEADER_EPOCH: { code: 75, retriable: true },
  UNSUPPORTED_COMPRESSION_TYPE: { code: 76 },
  OFFSET_NOT_AVAILABLE: { code: 78, retriable: true },
  GROUP_MAX_SIZE_REACHED: { code: 81 },
  FENCED_INSTANCE_ID: { code: 82 },
  GROUP_SUBSCRIBED_TO_TOPIC: { code: 86 },
  INVALID_RECORD: { code: 87 },
  UNSTABLE_OFFSET_COMMIT: { code: 88, retriable: true },
  THROTTLING_QUOTA_EXCEEDED: { code: 89, retriable: true },
  PRODUCER_FENCED: { code: 90 },
  UNKNOWN_TOPIC_ID: { code: 100, retriable: true },
  INCONSISTENT_TOPIC_ID: { code: 103, retriable: true },
  TRANSACTIONAL_ID_NOT_FOUND: { code: 105 },
  FENCED_MEMBER_EPOCH: { code: 110 },
  UNRELEASED_INSTANCE_ID: { code: 111 },
  UNSUPPORTED_ASSIGNOR: { code: 112 },
  STALE_MEMBER_EPOCH: { code: 113 },
  TRANSACTION_ABORTABLE: { code: 120 },
  INVALID_REGULAR_EXPRESSION: { code: 128 },
} as const satisfies Record<string, Row>

interface Row {
  readonly code: number
  readonly retriable?: true
  readonly outcome?: 'unknown'
}

/** The name of a Kafka error, as the protocol spells it. */
export type KafkaErrorName = keyof typeof table

/** One of Kafka's errors. */
export interface ErrorCode {
  readonly code: number
  readonly name: KafkaErrorName
  readonly retriable: boolean
  /** The effect of the request that it answers, as far as known. */
  readonly outcome: 'failed' | 'unknown'
}

const names = new Map<number, KafkaErrorName>(
  Object.entries(table).map(([name, { code }]) => [code, name as KafkaErrorName]),
)

/** The name of a code; undefined if the table lacks it. */
export function kafkaNameOf(code: number | undefined): KafkaErrorName | undefined {
  return code === undefined ? undefined : names.get(code)
}

/** The error of a code; a code outside the table becomes UNKNOWN_SERVER_ERROR. */
export function errorCodeOf(code: number): ErrorCode {
  const name = kafkaNameOf(code) ?? 'UNKNOWN_SERVER_ERROR'
  const row: Row = table[name]
  return { code: row.code, name, retriable: row.retriable ?? false, outcome: row.outcome ?? 'failed' }
}

/** The number of a named error, as requests and answers carry it. */
export function codeOf(name: KafkaErrorName): number {
  return table[name].code
}
