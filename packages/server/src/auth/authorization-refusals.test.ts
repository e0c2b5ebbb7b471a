import { capabilities } from '@kafkado/core'
import { allOperations } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import {
  bare,
  batchFor,
  expectRefusal,
  expired,
  frame,
  heartbeat,
  may,
  metadataOf,
  ofOtherPepper,
  post,
  type Refused,
  valid,
} from '../../test/secured-server.ts'
import { authorize, ruleOf } from './authorization.ts'
import { scopeResources } from './scopes.ts'

const commit = { groupId: 'billing', memberId: '', memberEpoch: -1, groupInstanceId: null }
const committed = (topic: string) => ({
  topic,
  partitions: [{ partition: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: null }],
})
const fetchOf = (...topics: string[]) => ({
  maxWaitMs: 0,
  minBytes: 0,
  maxBytes: 1,
  isolationLevel: 'read_committed',
  topics: topics.map((topic) => ({ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 }] })),
})
const initOf = (transactionalId: string | null) => ({
  transactionalId,
  transactionTimeoutMs: 1,
  producerId: -1,
  producerEpoch: -1,
})

const refused: Refused[] = [
  // The sender of the request.
  ['no key', 401, /needs an API key/, post('/v1/metadata', metadataOf('orders'), { key: null })],
  ['a basic login', 401, /must be Bearer/, { path: '/v1', headers: { authorization: 'Basic a2Rv' }, key: null }],
  ['an empty bearer', 401, /must be Bearer/, { path: '/v1', headers: { authorization: 'Bearer ' }, key: null }],
  ['a key that is malformed', 401, /malformed/, { path: '/v1', headers: { authorization: 'Bearer kdo_1' }, key: null }],
  [
    'two keys in one header',
    401,
    /Bearer and one/,
    { path: '/v1', headers: { authorization: `Bearer ${valid.secret}, Bearer ${bare.secret}` }, key: null },
  ],
  ['a key in the URL', 401, /needs an API key/, { path: `/v1?api_key=${valid.secret}`, key: null }],
  [
    'an unknown id',
    401,
    /not known/,
    { path: '/v1', headers: { authorization: `Bearer kdo_ffffffffffffffff_${'a'.repeat(43)}` }, key: null },
  ],
  [
    'a known id with a wrong secret',
    401,
    /not known/,
    { path: '/v1', headers: { authorization: `Bearer kdo_${valid.key.id}_${'a'.repeat(43)}` }, key: null },
  ],
  [
    'the secret of another key',
    401,
    /not known/,
    { path: '/v1', headers: { authorization: `Bearer kdo_${valid.key.id}_${bare.secret.slice(-43)}` }, key: null },
  ],
  ['a key that has expired', 401, /expired at/, { path: '/v1', key: expired }],
  ['a key hashed with another pepper', 401, /not known/, { path: '/v1', key: ofOtherPepper }],
  [
    'an id that is a name of Object',
    401,
    /malformed|not known/,
    { path: '/v1', headers: { authorization: `Bearer kdo_constructor_${'a'.repeat(43)}` }, key: null },
  ],
  // The scopes of the key.
  ['a produce without a scope', 403, /no scope to write topic 'other'/, frame(batchFor('other'))],
  ['a batch with one topic too many', 403, /write topic 'other'/, frame(batchFor('orders', 'other'))],
  ['a topic that only begins like one allowed', 403, /write topic 'orders2'/, frame(batchFor('orders2'))],
  ['a topic in other case', 403, /write topic 'Orders'/, frame(batchFor('Orders'))],
  [
    'a topic that is denied within an allowed prefix',
    403,
    /'public-secret'/,
    frame(batchFor('public-a', 'public-secret')),
  ],
  [
    'a transactional id without a scope',
    403,
    /transactionalId 'tx'/,
    frame({ ...batchFor('orders'), transactionalId: 'tx' }),
  ],
  ['a fetch without a scope', 403, /read topic 'other'/, post('/v1/fetch', fetchOf('orders', 'other'))],
  ['metadata of an unseen topic', 403, /describe topic 'other'/, post('/v1/metadata', metadataOf('orders', 'other'))],
  [
    'a group of others',
    403,
    /read group 'payroll'/,
    post('/v1/groups/heartbeat', { ...heartbeat, groupId: 'payroll' }),
  ],
  [
    'a subscription to an unseen topic',
    403,
    /describe topic 'other'/,
    post('/v1/groups/heartbeat', { ...heartbeat, subscribedTopicNames: ['orders', 'other'] }),
  ],
  [
    'a subscription by expression',
    403,
    /no scope for this consumerGroupHeartbeat/,
    post('/v1/groups/heartbeat', { ...heartbeat, subscribedTopicRegex: '.*' }),
  ],
  [
    'ownership of an unseen topic',
    403,
    /'other'/,
    post('/v1/groups/heartbeat', { ...heartbeat, topicPartitions: [{ topic: 'other', partitions: [0] }] }),
  ],
  [
    'a commit for a group of others',
    403,
    /read group 'payroll'/,
    post('/v1/groups/offsets/commit', { ...commit, groupId: 'payroll', topics: [] }),
  ],
  [
    'a commit with one topic too many',
    403,
    /read topic 'other'/,
    post('/v1/groups/offsets/commit', { ...commit, topics: [committed('orders'), committed('other')] }),
  ],
  [
    'forgetting commits without delete',
    403,
    /delete group 'billing'/,
    post('/v1/groups/offsets/delete', { groupId: 'billing', topics: [] }),
  ],
  [
    'deleting a topic',
    403,
    /delete topic 'orders'/,
    post('/v1/admin/delete-topics', { timeoutMs: 1, topics: ['public-a', 'orders'] }),
  ],
  [
    'deleting records',
    403,
    /delete topic 'orders'/,
    post('/v1/admin/delete-records', { timeoutMs: 1, topics: [{ topic: 'orders', partitions: [] }] }),
  ],
  [
    'creating a topic',
    403,
    /create topic 'x'/,
    post('/v1/admin/create-topics', {
      timeoutMs: 1,
      validateOnly: true,
      topics: [{ topic: 'x', numPartitions: 1, replicationFactor: 1, configs: [] }],
    }),
  ],
  [
    'adding partitions',
    403,
    /alter topic 'orders'/,
    post('/v1/admin/create-partitions', { timeoutMs: 1, validateOnly: false, topics: [{ topic: 'orders', count: 9 }] }),
  ],
  [
    'reading settings',
    403,
    /describeConfigs topic 'orders'/,
    post('/v1/admin/describe-configs', {
      resources: [{ resourceType: 'topic', resourceName: 'orders', configurationKeys: null }],
    }),
  ],
  [
    'changing settings',
    403,
    /alterConfigs topic 'orders'/,
    post('/v1/admin/incremental-alter-configs', {
      validateOnly: false,
      resources: [{ resourceType: 'topic', resourceName: 'orders', configs: [] }],
    }),
  ],
  [
    'describing groups of others',
    403,
    /describe group 'payroll'/,
    post('/v1/admin/describe-groups', { groupIds: ['billing', 'payroll'] }),
  ],
  ['deleting a group', 403, /delete group 'billing'/, post('/v1/admin/delete-groups', { groups: ['billing'] })],
  [
    'a producer id for a key that produces nothing',
    403,
    /no scope for this initProducerId/,
    post('/v1/producers/init', initOf(null), { key: bare }),
  ],
  ['a transactional id of others', 403, /transactionalId 'tx'/, post('/v1/producers/init', initOf('tx'))],
]

describe('a key is refused before anything reaches the transport for', () => {
  it.each(refused)('%s: %i', (...refusal) => expectRefusal(refusal))
})

it('covers every operation with a rule, so that no new one is open to keys by mistake', () => {
  expect(allOperations.filter((operation) => !ruleOf(operation)).map(({ name }) => name)).toEqual([])
})

it('refuses an operation without a rule to every key, whatever its scopes', () => {
  const unknown = { ...capabilities, name: 'defragment' }
  const scopes = scopeResources.map((resource) => may('all', '*', resource))
  expect(() => authorize({ keyId: 'k', scopes }, unknown, {})).toThrow('defragment is not open to API keys')
})
