import { asking, everyRequest, heartbeatOf, newTopic } from '../place/every-request.ts'
import { everything } from '../place/keys.ts'
import { negatives } from '../place/negatives.ts'
import { request } from '../place/raw-http.ts'

/** What no right allows: things that contradict one another, are there already, or are in use. */

const making = (topic: string, change: object): string => request('/v1/admin/create-topics', newTopic(topic, change))
const setting = (name: string, value: string | null): string => making('mine-new', { configs: [{ name, value }] })
const growing = (topic: string, count: number): string =>
  request('/v1/admin/create-partitions', { timeoutMs: 1000, validateOnly: false, topics: [{ topic, count }] })
const altering = (name: string, value: string | null, configOperation = 'set'): string =>
  request('/v1/admin/incremental-alter-configs', {
    validateOnly: false,
    resources: [{ resourceType: 'topic', resourceName: 'mine', configs: [{ name, configOperation, value }] }],
  })
const deleting = (topic: string, partition: number, offset: number): string =>
  request('/v1/admin/delete-records', { timeoutMs: 1000, topics: [{ topic, partitions: [{ partition, offset }] }] })

negatives(
  'a topic is refused',
  [
    ['that is there', 200, 'TOPIC_ALREADY_EXISTS', making('mine', {})],
    [
      'that is named twice',
      200,
      'INVALID_REQUEST',
      request('/v1/admin/create-topics', {
        ...newTopic('mine-new'),
        topics: [...newTopic('mine-new').topics, ...newTopic('mine-new').topics],
      }),
    ],
    [
      'that differs from another in a dot',
      200,
      'INVALID_TOPIC_EXCEPTION',
      async (place) => {
        // The topic `mine_x` is there for this case alone.
        await place.ask(making('mine_x', {}))
        const answers = await place.ask(making('mine.x', {}))
        await place.ask(request('/v1/admin/delete-topics', { timeoutMs: 1000, topics: ['mine_x'] }))
        return answers
      },
    ],
    ['of no partition', 200, 'INVALID_PARTITIONS', making('mine-new', { numPartitions: 0 })],
    ['of fewer partitions than none', 200, 'INVALID_PARTITIONS', making('mine-new', { numPartitions: -2 })],
    [
      'of more partitions than a topic may have',
      200,
      'INVALID_PARTITIONS',
      asking('createTopics', newTopic('mine-new', { numPartitions: 31 }), { key: everything }),
    ],
    [
      'of more copies than there are brokers',
      200,
      'INVALID_REPLICATION_FACTOR',
      making('mine-new', { replicationFactor: 3 }),
    ],
    ['of no copy', 200, 'INVALID_REPLICATION_FACTOR', making('mine-new', { replicationFactor: 0 })],
  ],
  { limits: { maxNewPartitionsPerHourPerKey: 1000 } },
)

negatives('a setting is refused', [
  ['that is unknown', 200, 'INVALID_CONFIG', setting('nothing', '1')],
  ['of a broker', 200, 'INVALID_CONFIG', setting('log.dirs', '/etc')],
  ['of a negative size', 200, 'INVALID_CONFIG', setting('max.message.bytes', '-1')],
  ['that is no number', 200, 'INVALID_CONFIG', setting('retention.ms', 'soon')],
  ['that is a fraction', 200, 'INVALID_CONFIG', setting('retention.ms', '1.5')],
  ['that is null', 200, 'INVALID_CONFIG', setting('retention.ms', null)],
  ['of a policy that is none', 200, 'INVALID_CONFIG', setting('cleanup.policy', 'forget')],
  ['that changes to what it cannot be', 200, 'INVALID_CONFIG', altering('retention.ms', 'soon')],
  ['that is unknown and changes', 200, 'INVALID_CONFIG', altering('nothing', '1')],
])

negatives(
  'a change is refused',
  [
    ['to fewer partitions', 200, 'INVALID_PARTITIONS', growing('mine', 1)],
    ['to as many partitions', 200, 'INVALID_PARTITIONS', growing('mine', 2)],
    [
      'to more partitions than a topic may have',
      200,
      'INVALID_PARTITIONS',
      asking(
        'createPartitions',
        { timeoutMs: 1, validateOnly: false, topics: [{ topic: 'mine', count: 31 }] },
        { key: everything },
      ),
    ],
    ['of a topic that is not there', 200, 'UNKNOWN_TOPIC_OR_PARTITION', growing('mine-none', 5)],
    [
      'that deletes a topic that is not there',
      200,
      'UNKNOWN_TOPIC_OR_PARTITION',
      request('/v1/admin/delete-topics', { timeoutMs: 1000, topics: ['mine-none'] }),
    ],
    ['that deletes records to come', 200, 'OFFSET_OUT_OF_RANGE', deleting('mine', 0, 1_000_000)],
    ['that deletes records before the first', 200, 'OFFSET_OUT_OF_RANGE', deleting('mine', 0, -5)],
    ['that deletes records of a partition too many', 200, 'UNKNOWN_TOPIC_OR_PARTITION', deleting('mine', 7, 0)],
    [
      'that deletes a group in use',
      200,
      'NON_EMPTY_GROUP',
      request('/v1/admin/delete-groups', { groups: ['mine-group'] }),
    ],
    [
      'that deletes offsets in use',
      200,
      'GROUP_SUBSCRIBED_TO_TOPIC',
      asking(
        'offsetDelete',
        everyRequest({ topics: ['mine'], group: 'mine-group', transactionalId: 'mine-id' })['offsetDelete'] ?? {},
      ),
    ],
    [
      'that deletes a group that is not there',
      200,
      'GROUP_ID_NOT_FOUND',
      request('/v1/admin/delete-groups', { groups: ['mine-none'] }),
    ],
  ],
  { limits: { maxNewPartitionsPerHourPerKey: 1000 } },
)

const join = heartbeatOf('mine-new', 'mine')
const beating = (change: object): string => request('/v1/groups/heartbeat', { ...join, ...change })
const identity = { transactionalId: 'mine-new', transactionTimeoutMs: 1000, producerId: -1, producerEpoch: -1 }
negatives('a member or a transaction is refused', [
  ['that names no subscription', 400, 'INVALID_REQUEST', beating({ subscribedTopicNames: null })],
  ['that waits for no time', 400, 'INVALID_REQUEST', beating({ rebalanceTimeoutMs: 0 })],
  ['that waits for less than no time', 400, 'INVALID_REQUEST', beating({ rebalanceTimeoutMs: -5 })],
  [
    'that owns something before it joins',
    400,
    'INVALID_REQUEST',
    beating({ topicPartitions: [{ topic: 'mine', partitions: [0] }] }),
  ],
  ['of an epoch below all', 400, 'INVALID_REQUEST', beating({ memberEpoch: -3 })],
  ['that leaves for a while without an instance', 400, 'INVALID_REQUEST', beating({ memberEpoch: -2 })],
  ['of an assignor that is none', 400, 'UNSUPPORTED_ASSIGNOR', beating({ serverAssignor: 'greedy' })],
  [
    'that may last for a day',
    400,
    'INVALID_TRANSACTION_TIMEOUT',
    request('/v1/producers/init', { ...identity, transactionTimeoutMs: 86_400_000 }),
  ],
  [
    'that may last for no time',
    400,
    'INVALID_TRANSACTION_TIMEOUT',
    request('/v1/producers/init', { ...identity, transactionTimeoutMs: 0 }),
  ],
  [
    'with an epoch and no producer',
    400,
    'INVALID_REQUEST',
    request('/v1/producers/init', { ...identity, producerEpoch: 5 }),
  ],
  [
    'that nobody began',
    403,
    'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    asking('endTxn', { transactionalId: 'mine-none', producerId: 5, producerEpoch: 0, committed: true }),
  ],
])
