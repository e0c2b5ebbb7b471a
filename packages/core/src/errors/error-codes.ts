/**
 * Kafka's error codes, one row each: code, name, whether a client may try the same again, and what it means.
 * The numbers and names are those of the Kafka protocol; only the codes which kafkado's operations can answer are here.
 */
const rows = [
  [-1, 'UNKNOWN_SERVER_ERROR', false, 'the server met a condition it did not expect'],
  [0, 'NONE', false, 'no error'],
  [1, 'OFFSET_OUT_OF_RANGE', false, 'the offset is not between the start and the end of the log'],
  [2, 'CORRUPT_MESSAGE', true, 'the record batch does not match its checksum or its length'],
  [3, 'UNKNOWN_TOPIC_OR_PARTITION', true, 'there is no such topic or partition'],
  [5, 'LEADER_NOT_AVAILABLE', true, 'the partition has no leader at the moment'],
  [6, 'NOT_LEADER_OR_FOLLOWER', true, 'the broker asked does not lead the partition'],
  [7, 'REQUEST_TIMED_OUT', true, 'the request was not finished within its time'],
  [9, 'REPLICA_NOT_AVAILABLE', true, 'the replica asked for is not available'],
  [10, 'MESSAGE_TOO_LARGE', false, 'the record batch is larger than the topic takes (max.message.bytes)'],
  [12, 'OFFSET_METADATA_TOO_LARGE', false, 'the metadata kept with an offset is too long'],
  [13, 'NETWORK_EXCEPTION', true, 'the server went away before it answered'],
  [14, 'COORDINATOR_LOAD_IN_PROGRESS', true, 'the coordinator is still loading'],
  [15, 'COORDINATOR_NOT_AVAILABLE', true, 'the coordinator is not available'],
  [16, 'NOT_COORDINATOR', true, 'the broker asked is not the coordinator'],
  [17, 'INVALID_TOPIC_EXCEPTION', false, 'the topic name is not valid'],
  [18, 'RECORD_LIST_TOO_LARGE', false, 'the record batch is larger than a segment'],
  [19, 'NOT_ENOUGH_REPLICAS', true, 'fewer replicas are in sync than the topic requires'],
  [20, 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', true, 'written, but to fewer replicas than the topic requires'],
  [21, 'INVALID_REQUIRED_ACKS', false, 'acks must be 0, 1 or -1'],
  [22, 'ILLEGAL_GENERATION', false, 'the group generation is not the current one'],
  [24, 'INVALID_GROUP_ID', false, 'the group id is not valid'],
  [25, 'UNKNOWN_MEMBER_ID', false, 'the group does not know this member'],
  [26, 'INVALID_SESSION_TIMEOUT', false, 'the session timeout is outside what the server allows'],
  [27, 'REBALANCE_IN_PROGRESS', false, 'the group is rebalancing'],
  [28, 'INVALID_COMMIT_OFFSET_SIZE', false, 'the offset commit is too large'],
  [29, 'TOPIC_AUTHORIZATION_FAILED', false, 'not allowed on this topic'],
  [30, 'GROUP_AUTHORIZATION_FAILED', false, 'not allowed on this group'],
  [31, 'CLUSTER_AUTHORIZATION_FAILED', false, 'not allowed on this cluster'],
  [32, 'INVALID_TIMESTAMP', false, 'the timestamp of a record is out of range'],
  [35, 'UNSUPPORTED_VERSION', false, 'the server does not know this operation, or not in this version'],
  [36, 'TOPIC_ALREADY_EXISTS', false, 'a topic of this name exists already'],
  [37, 'INVALID_PARTITIONS', false, 'the number of partitions is not valid'],
  [38, 'INVALID_REPLICATION_FACTOR', false, 'the replication factor is not valid'],
  [40, 'INVALID_CONFIG', false, 'a configuration entry is not valid'],
  [41, 'NOT_CONTROLLER', true, 'the broker asked is not the controller'],
  [42, 'INVALID_REQUEST', false, 'the request is not valid'],
  [43, 'UNSUPPORTED_FOR_MESSAGE_FORMAT', false, 'the message format does not support this'],
  [44, 'POLICY_VIOLATION', false, "the request is against the server's policy"],
  [45, 'OUT_OF_ORDER_SEQUENCE_NUMBER', false, 'the producer sent a batch out of order'],
  [46, 'DUPLICATE_SEQUENCE_NUMBER', false, 'the producer sent a batch twice'],
  [47, 'INVALID_PRODUCER_EPOCH', false, 'the producer epoch is older than the one the server knows'],
  [48, 'INVALID_TXN_STATE', false, 'the transaction is not in a state that allows this'],
  [49, 'INVALID_PRODUCER_ID_MAPPING', false, 'the transactional id belongs to another producer id'],
  [50, 'INVALID_TRANSACTION_TIMEOUT', false, 'the transaction timeout is longer than the server allows'],
  [51, 'CONCURRENT_TRANSACTIONS', true, 'the previous transaction is still being completed'],
  [53, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', false, 'not allowed on this transactional id'],
  [54, 'SECURITY_DISABLED', false, 'security is not enabled'],
  [55, 'OPERATION_NOT_ATTEMPTED', false, 'not attempted, because another part of the request failed'],
  [56, 'KAFKA_STORAGE_ERROR', true, 'the server cannot reach its storage'],
  [58, 'SASL_AUTHENTICATION_FAILED', false, 'the credentials were refused'],
  [59, 'UNKNOWN_PRODUCER_ID', false, 'the server does not know this producer id'],
  [68, 'NON_EMPTY_GROUP', false, 'the group still has members'],
  [69, 'GROUP_ID_NOT_FOUND', false, 'there is no such group'],
  [74, 'FENCED_LEADER_EPOCH', true, 'the leader epoch is older than the one the server knows'],
  [75, 'UNKNOWN_LEADER_EPOCH', true, 'the leader epoch is newer than the one the server knows'],
  [76, 'UNSUPPORTED_COMPRESSION_TYPE', false, 'the compression type is not supported'],
  [78, 'OFFSET_NOT_AVAILABLE', true, 'the leader cannot name its end offset yet'],
  [81, 'GROUP_MAX_SIZE_REACHED', false, 'the group has as many members as it may have'],
  [82, 'FENCED_INSTANCE_ID', false, 'another member has taken over this group instance id'],
  [86, 'GROUP_SUBSCRIBED_TO_TOPIC', false, 'the group is still subscribed to the topic'],
  [87, 'INVALID_RECORD', false, 'the server refused a record'],
  [88, 'UNSTABLE_OFFSET_COMMIT', true, 'a transaction holds offsets that are not decided yet'],
  [89, 'THROTTLING_QUOTA_EXCEEDED', true, 'the quota is used up for now'],
  [90, 'PRODUCER_FENCED', false, 'a newer producer with the same transactional id has taken over'],
  [100, 'UNKNOWN_TOPIC_ID', true, 'there is no topic with this id'],
  [103, 'INCONSISTENT_TOPIC_ID', true, 'the topic id is not that of the topic'],
  [105, 'TRANSACTIONAL_ID_NOT_FOUND', false, 'there is no such transactional id'],
  [110, 'FENCED_MEMBER_EPOCH', false, 'the group has moved on without this member'],
  [111, 'UNRELEASED_INSTANCE_ID', false, 'the group instance id is still held by another member'],
  [112, 'UNSUPPORTED_ASSIGNOR', false, 'the group does not support this assignor'],
  [113, 'STALE_MEMBER_EPOCH', false, 'the member epoch is older than the one the group knows'],
  [120, 'TRANSACTION_ABORTABLE', false, 'the transaction failed and must be aborted'],
  [128, 'INVALID_REGULAR_EXPRESSION', false, 'the regular expression is not valid'],
] as const

/** The name of a Kafka error, as the protocol spells it. */
export type KafkaErrorName = (typeof rows)[number][1]

/** One row of the table of Kafka's errors. */
export interface ErrorCode {
  readonly code: number
  readonly name: KafkaErrorName
  readonly retriable: boolean
  readonly description: string
}

const byCode = new Map<number, ErrorCode>()
const byName = new Map<string, ErrorCode>()
for (const [code, name, retriable, description] of rows) {
  const row: ErrorCode = { code, name, retriable, description }
  byCode.set(code, row)
  byName.set(name, row)
}

/** The row of a code; a code that is not in the table reads as UNKNOWN_SERVER_ERROR. */
export function errorCodeOf(code: number): ErrorCode {
  return byCode.get(code) ?? (byCode.get(-1) as ErrorCode)
}

/** The number of a named error, for handlers and faults that speak in names. */
export function codeOf(name: KafkaErrorName): number {
  return (byName.get(name) as ErrorCode).code
}
