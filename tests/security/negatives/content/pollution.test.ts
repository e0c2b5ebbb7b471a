import { asking, everyRequest, heartbeatOf, newTopic } from '../place/every-request.ts'
import { everything } from '../place/keys.ts'
import { type Negative, negatives } from '../place/negatives.ts'
import { rawFrame, request } from '../place/raw-http.ts'

/** Names that JavaScript gives a meaning to, in the places of fields and of names. */

const invalid = 'INVALID_REQUEST'
const metadata = (text: string): string => request('/v1/metadata', text)
const rest = '"topics":[],"allowAutoTopicCreation":false'
const fields = ['__proto__', 'constructor', 'prototype']

negatives('a field is refused that is called', [
  ...fields.flatMap((name): Negative[] => [
    [name, 400, invalid, metadata(`{"${name}":{"scopes":null},${rest}}`), new RegExp(`'${name}'`)],
    [`${name}, deep inside`, 400, invalid, metadata(`{${rest},"x":[[{"${name}":{"a":1}}]]}`)],
    [
      `${name}, in an element`,
      400,
      invalid,
      request(
        '/v1/admin/create-topics',
        JSON.stringify(newTopic('mine-new')).replace('"configs"', `"${name}":{},"configs"`),
      ),
    ],
    [`${name}, in a frame`, 400, invalid, rawFrame(`{"${name}":{},"topics":[]}`)],
    [
      `${name}, in a partition of a frame`,
      400,
      invalid,
      rawFrame(`{"topics":[{"topic":"mine","partitions":[{"${name}":{},"byteLength":0}]}]}`),
    ],
    [`${name}, in the options of a token`, 400, invalid, request('/v1/tokens', `{"${name}":{"lifetime":"15m"}}`)],
    [
      `${name}, in a heartbeat`,
      400,
      invalid,
      request('/v1/groups/heartbeat', JSON.stringify(heartbeatOf('mine-new', 'mine')).replace('{', `{"${name}":{},`)),
    ],
  ]),
  ['__proto__, with an escape', 400, invalid, metadata(`{"\\u005f_proto__":{},${rest}}`)],
  ['__proto__, twice', 400, invalid, metadata(`{"__proto__":{},"__proto__":{},${rest}}`)],
  ['__proto__, that is null', 400, invalid, metadata(`{"__proto__":null,${rest}}`)],
])

const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']
const unknown = (name: string) => everyRequest({ topics: [name], group: name, transactionalId: name, producerId: 1 })
const sent = (operation: string, name: string): string =>
  asking(operation, unknown(name)[operation] ?? {}, { key: everything })

negatives(
  'nobody has made what is called',
  names.flatMap((name): Negative[] => [
    [`${name}: a topic to read`, 200, 'UNKNOWN_TOPIC_OR_PARTITION', sent('fetch', name)],
    [`${name}: a topic to delete`, 200, 'UNKNOWN_TOPIC_OR_PARTITION', sent('deleteTopics', name)],
    [`${name}: a topic with settings`, 200, 'UNKNOWN_TOPIC_OR_PARTITION', sent('describeConfigs', name)],
    [`${name}: a group to delete`, 200, 'GROUP_ID_NOT_FOUND', sent('deleteGroups', name)],
    [`${name}: a group to describe`, 200, 'GROUP_ID_NOT_FOUND', sent('describeGroups', name)],
    [`${name}: a transaction`, 200, 'TRANSACTIONAL_ID_NOT_FOUND', sent('describeTransactions', name)],
    [
      `${name}: a member`,
      404,
      'GROUP_ID_NOT_FOUND',
      request(
        '/v1/groups/heartbeat',
        { ...heartbeatOf(name, 'mine'), memberId: name, memberEpoch: 1 },
        { key: everything },
      ),
    ],
  ]),
)

const setting = (name: string, value: string) =>
  request('/v1/admin/create-topics', newTopic('mine-new', { configs: [{ name, value }] }))
const altering = (name: string, configOperation: string) =>
  request('/v1/admin/incremental-alter-configs', {
    validateOnly: false,
    resources: [{ resourceType: 'topic', resourceName: 'mine', configs: [{ name, configOperation, value: '1' }] }],
  })
negatives(
  'no choice is',
  names.slice(0, 3).flatMap((name): Negative[] => [
    [`${name}, of a setting`, 200, 'INVALID_CONFIG', setting(name, '1')],
    [`${name}, of a setting that changes`, 200, 'INVALID_CONFIG', altering(name, 'set')],
    [`${name}, of a value`, 200, 'INVALID_CONFIG', setting('cleanup.policy', name)],
    [`${name}, of a change`, 400, invalid, altering('retention.ms', name)],
    [
      `${name}, of an assignor`,
      400,
      'UNSUPPORTED_ASSIGNOR',
      request('/v1/groups/heartbeat', { ...heartbeatOf('mine-new', 'mine'), serverAssignor: name }),
    ],
    [`${name}, of an isolation`, 400, invalid, asking('listOffsets', { isolationLevel: name, topics: [] })],
    [
      `${name}, of a resource`,
      400,
      invalid,
      asking('describeConfigs', { resources: [{ resourceType: name, resourceName: 'mine', configurationKeys: null }] }),
    ],
  ]),
)
