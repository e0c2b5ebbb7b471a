import type { KafkaErrorName } from '@kafkado/core'
import {
  aboutNames,
  asking,
  commitOf,
  everyRequest,
  fetchOf,
  heartbeatOf,
  newTopic,
  produceOf,
} from '../place/every-request.ts'
import { bare, reader, theirs, writer } from '../place/keys.ts'
import { type Negative, negatives } from '../place/negatives.ts'
import { frame, request } from '../place/raw-http.ts'

/** What a key may do, and to whom. */

/** What is refused first where a request is about several kinds of things. */
const refusalOf = (name: string): KafkaErrorName => {
  if (/^(initProducerId|add.*Txn|endTxn|txnOffsetCommit|describeTransactions)$/.test(name))
    return 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'
  return /group|^offset(Commit|Fetch|Delete)$/i.test(name) ? 'GROUP_AUTHORIZATION_FAILED' : 'TOPIC_AUTHORIZATION_FAILED'
}

const mine = { topics: ['mine'], group: 'mine-group', transactionalId: 'mine-id' }
const their = { topics: ['theirs'], group: 'their-group', transactionalId: 'their-id' }
const every = (names: typeof mine, key?: typeof bare): Negative[] =>
  aboutNames.map((name) => [
    name,
    403,
    refusalOf(name),
    asking(name, everyRequest(names)[name] ?? {}, key ? { key } : {}),
  ])

negatives('a key without rights is refused', every(mine, bare))
negatives('a key is refused the things of others', every(their))

/** One of two topics is that of others; all of the request is refused, before any of it is carried out. */
const both = everyRequest({ ...mine, topics: ['mine', 'theirs'] })
const ofTopics = aboutNames.filter((name) => JSON.stringify(both[name]).includes('theirs'))
const mixed: readonly Negative[] = ofTopics.map((name) => [
  name,
  403,
  'TOPIC_AUTHORIZATION_FAILED',
  asking(name, both[name] ?? {}),
  /topic 'theirs/,
])
negatives('a request with one topic too many is refused', mixed)

const reading = new Set([
  'fetch',
  'listOffsets',
  'offsetFetch',
  'offsetForLeaderEpoch',
  'describeProducers',
  'describeGroups',
])
const consuming = new Set(['offsetCommit', 'consumerGroupHeartbeat', 'metadata'])
negatives(
  'a key that reads is refused',
  every(mine, reader)
    .filter(([name]) => !reading.has(name) && !consuming.has(name))
    .map(([name, status, , attack]) => [
      name,
      status,
      ['deleteGroups', 'offsetDelete'].includes(name) ? 'GROUP_AUTHORIZATION_FAILED' : refusalOf(name),
      attack,
    ]),
)

const topic = 'TOPIC_AUTHORIZATION_FAILED'
const group = 'GROUP_AUTHORIZATION_FAILED'
const writing = (...topics: string[]): string => frame(produceOf(topics))

negatives('a name is no other name', [
  ['in upper case', 403, topic, writing('MINE')],
  ['with a space behind it', 403, topic, writing(' mine')],
  ['with a NUL before it', 403, topic, writing('\0mine')],
  ['with a letter that looks alike', 403, topic, writing('mіne')],
  ['in full width', 403, topic, writing('ｍine')],
  ['with a mark that is not seen', 403, topic, writing('\u200bmine')],
  ['with a path to others', 403, topic, writing('../theirs')],
  ['that is the wildcard of scopes', 403, topic, writing('*')],
  ['that is empty', 403, topic, writing('')],
  ['that is one letter short of the prefix', 403, topic, writing('min')],
  ['of the literal scope, and more', 403, topic, request('/v1/fetch', fetchOf('mine2'), { key: reader })],
  ['denied within what is allowed', 403, topic, writing('mine-secret'), /write topic 'mine-secret'/],
  ['denied, behind one that is allowed', 403, topic, writing('mine', 'mine-secret')],
  ['denied, for reading', 403, topic, request('/v1/fetch', fetchOf('mine-secret'))],
  ['denied, for deleting', 403, topic, request('/v1/admin/delete-topics', { timeoutMs: 1, topics: ['mine-secret'] })],
  [
    'of a topic where a group is meant',
    403,
    group,
    request('/v1/admin/delete-groups', { groups: ['mine'] }, { key: reader }),
  ],
  ['of a group where a topic is meant', 403, topic, request('/v1/fetch', fetchOf('mine-group'), { key: reader })],
])

negatives('a member is refused', [
  [
    'an expression',
    403,
    topic,
    request('/v1/groups/heartbeat', {
      ...heartbeatOf('mine-group'),
      subscribedTopicNames: null,
      subscribedTopicRegex: '.*',
    }),
  ],
  [
    'an expression of its own prefix',
    403,
    topic,
    request('/v1/groups/heartbeat', {
      ...heartbeatOf('mine-group'),
      subscribedTopicNames: null,
      subscribedTopicRegex: 'mine.*',
    }),
  ],
  [
    'a topic of others among its own',
    403,
    topic,
    request('/v1/groups/heartbeat', heartbeatOf('mine-group', 'mine', 'theirs')),
  ],
  [
    'to own a topic of others',
    403,
    topic,
    request('/v1/groups/heartbeat', {
      ...heartbeatOf('mine-group', 'mine'),
      memberEpoch: 1,
      topicPartitions: [{ topic: 'theirs', partitions: [0] }],
    }),
  ],
  [
    'a commit of a topic of others',
    403,
    topic,
    request('/v1/groups/offsets/commit', commitOf('mine-new', 'mine', 'theirs')),
  ],
  ['a commit to a group of others', 403, group, request('/v1/groups/offsets/commit', commitOf('their-group', 'mine'))],
  [
    'offsets of a topic of others',
    403,
    topic,
    request('/v1/groups/offsets/fetch', {
      groupId: 'mine-group',
      memberId: null,
      memberEpoch: -1,
      topics: [{ topic: 'theirs', partitions: [0] }],
      requireStable: false,
    }),
  ],
  [
    'to delete one group of others among its own',
    403,
    group,
    request('/v1/admin/delete-groups', { groups: ['mine-new', 'their-group'] }),
  ],
])

const producing = 'UNKNOWN_TOPIC_OR_PARTITION'
const identity = { transactionTimeoutMs: 1000, producerId: -1, producerEpoch: -1 }
negatives('a key makes nothing that it may not make', [
  ['by producing to a missing topic', 200, producing, frame(produceOf(['mine-new']), { key: writer })],
  [
    'by producing to a missing topic beside another',
    200,
    producing,
    frame(produceOf(['mine-new', 'mine-newer']), { key: writer }),
  ],
  [
    'by asking for a missing topic',
    200,
    producing,
    request('/v1/metadata', { topics: ['mine-new'], allowAutoTopicCreation: true }, { key: writer }),
  ],
  ['with the name of others', 403, topic, request('/v1/admin/create-topics', newTopic('theirs2'))],
  ['with a name outside of its prefix', 403, topic, request('/v1/admin/create-topics', newTopic('new'))],
  ['with a denied name', 403, topic, request('/v1/admin/create-topics', newTopic('mine-secret'))],
  [
    'even to see whether it could',
    403,
    topic,
    request('/v1/admin/create-topics', { ...newTopic('new'), validateOnly: true }),
  ],
  [
    'a producer id, where it writes nowhere',
    403,
    'CLUSTER_AUTHORIZATION_FAILED',
    request('/v1/producers/init', { transactionalId: null, ...identity }, { key: reader }),
  ],
  [
    'a transactional id, where it writes without',
    403,
    'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    request('/v1/producers/init', { transactionalId: 'mine-new', ...identity }, { key: writer }),
  ],
  [
    'a produce in a transaction of others',
    403,
    'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    frame({ ...produceOf(['mine']), transactionalId: 'their-id' }),
  ],
  [
    'more of a topic, where it reads',
    403,
    topic,
    request(
      '/v1/admin/create-partitions',
      { timeoutMs: 1, validateOnly: true, topics: [{ topic: 'mine', count: 9 }] },
      { key: reader },
    ),
  ],
  [
    'settings of others',
    403,
    topic,
    asking('incrementalAlterConfigs', everyRequest(their)['incrementalAlterConfigs'] ?? {}),
  ],
  [
    'a change to what the neighbour reads',
    403,
    topic,
    asking('deleteRecords', everyRequest(their)['deleteRecords'] ?? {}),
  ],
  ['a produce by the neighbour to ours', 403, topic, frame(produceOf(['mine']), { key: theirs })],
])
