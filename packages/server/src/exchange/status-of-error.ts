import type { KafkaError, KafkaErrorName } from '@kafkado/core'

/** The HTTP status of each of Kafka's errors. Errors outside this table mean an invalid request, 400. */
const errorsOfStatus: Readonly<Record<number, readonly KafkaErrorName[]>> = {
  401: ['SASL_AUTHENTICATION_FAILED'],
  403: [
    'TOPIC_AUTHORIZATION_FAILED',
    'GROUP_AUTHORIZATION_FAILED',
    'CLUSTER_AUTHORIZATION_FAILED',
    'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    'SECURITY_DISABLED',
  ],
  404: ['UNKNOWN_TOPIC_OR_PARTITION', 'GROUP_ID_NOT_FOUND', 'UNKNOWN_TOPIC_ID', 'TRANSACTIONAL_ID_NOT_FOUND'],
  409: [
    'ILLEGAL_GENERATION',
    'UNKNOWN_MEMBER_ID',
    'REBALANCE_IN_PROGRESS',
    'TOPIC_ALREADY_EXISTS',
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    'DUPLICATE_SEQUENCE_NUMBER',
    'INVALID_PRODUCER_EPOCH',
    'INVALID_TXN_STATE',
    'INVALID_PRODUCER_ID_MAPPING',
    'CONCURRENT_TRANSACTIONS',
    'UNKNOWN_PRODUCER_ID',
    'NON_EMPTY_GROUP',
    'GROUP_MAX_SIZE_REACHED',
    'FENCED_INSTANCE_ID',
    'GROUP_SUBSCRIBED_TO_TOPIC',
    'UNSTABLE_OFFSET_COMMIT',
    'PRODUCER_FENCED',
    'INCONSISTENT_TOPIC_ID',
    'FENCED_MEMBER_EPOCH',
    'UNRELEASED_INSTANCE_ID',
    'STALE_MEMBER_EPOCH',
    'TRANSACTION_ABORTABLE',
  ],
  413: ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'],
  416: ['OFFSET_OUT_OF_RANGE'],
  429: ['THROTTLING_QUOTA_EXCEEDED'],
  500: ['UNKNOWN_SERVER_ERROR'],
  501: ['UNSUPPORTED_VERSION'],
  503: [
    'LEADER_NOT_AVAILABLE',
    'NOT_LEADER_OR_FOLLOWER',
    'REPLICA_NOT_AVAILABLE',
    'NETWORK_EXCEPTION',
    'COORDINATOR_LOAD_IN_PROGRESS',
    'COORDINATOR_NOT_AVAILABLE',
    'NOT_COORDINATOR',
    'NOT_ENOUGH_REPLICAS',
    'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
    'NOT_CONTROLLER',
    'KAFKA_STORAGE_ERROR',
    'FENCED_LEADER_EPOCH',
    'UNKNOWN_LEADER_EPOCH',
    'OFFSET_NOT_AVAILABLE',
  ],
  504: ['REQUEST_TIMED_OUT'],
}

const statuses: ReadonlyMap<KafkaErrorName | undefined, number> = new Map(
  Object.entries(errorsOfStatus).flatMap(([status, errors]) => errors.map((name) => [name, Number(status)] as const)),
)

/** The HTTP status of an error. Any error that Kafka does not know is the server's own fault, 500. */
export function statusOfError({ kafkaCode, kafkaName }: KafkaError): number {
  return kafkaCode === undefined ? 500 : (statuses.get(kafkaName) ?? 400)
}
