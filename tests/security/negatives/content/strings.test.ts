import { asking, commitOf, heartbeatOf, newTopic } from '../place/every-request.ts'
import { everything } from '../place/keys.ts'
import { type Negative, negatives } from '../place/negatives.ts'
import { request } from '../place/raw-http.ts'

/** Texts that are longer than what they are for, or cost more than they look. */

const key = everything
const limits = {
  maxBodyBytes: 4_000_000,
  maxHeartbeatBytes: 4_000_000,
  maxBytesInFlight: 40_000_000,
  maxBytesInFlightPerKey: 10_000_000,
  maxBytesPerConnection: 10_000_000,
}
const invalid = 'INVALID_REQUEST'
const long = 'x'.repeat(513)
const longer = 'x'.repeat(1_000_000)
const identity = { transactionTimeoutMs: 1000, producerId: -1, producerEpoch: -1 }
const beating = (change: object, groupId = 'mine-new'): string =>
  request('/v1/groups/heartbeat', { ...heartbeatOf(groupId, 'mine'), ...change }, { key })
const subscribed = (expression: string): string =>
  beating({ subscribedTopicNames: null, subscribedTopicRegex: expression })
const initialising = (transactionalId: string): string =>
  request('/v1/producers/init', { transactionalId, ...identity }, { key })
const setting = (name: string, value: string): string =>
  request('/v1/admin/create-topics', newTopic('mine-new', { configs: [{ name, value }] }), { key })
const noting = (committedMetadata: string): string => {
  const commit = commitOf('mine-new', 'mine')
  const [topic] = commit.topics
  return asking(
    'offsetCommit',
    {
      ...commit,
      topics: [{ ...topic, partitions: [{ ...topic?.partitions[0], committedMetadata }] }],
    },
    { key },
  )
}

negatives(
  'an id is refused that is',
  [
    ['too long, of a group', 400, invalid, beating({}, long)],
    ['far too long, of a group', 400, invalid, beating({}, longer)],
    ['too long in UTF-8, of a group', 400, invalid, beating({}, 'ä'.repeat(257))],
    ['too long, of a member', 400, invalid, beating({ memberId: long })],
    ['far too long, of a member', 400, invalid, beating({ memberId: longer })],
    ['empty, of a member', 400, invalid, beating({ memberId: '' })],
    ['too long, of an instance', 400, invalid, beating({ instanceId: long })],
    ['empty, of an instance', 400, invalid, beating({ instanceId: '' })],
    ['too long, of a rack', 400, invalid, beating({ rackId: long })],
    ['too long, of a transaction', 400, invalid, initialising(long)],
    ['far too long, of a transaction', 400, invalid, initialising(longer)],
    [
      'too long, of a group that commits',
      400,
      'INVALID_GROUP_ID',
      asking('offsetCommit', commitOf(long, 'mine'), { key }),
    ],
    ['empty, of a group that commits', 400, 'INVALID_GROUP_ID', asking('offsetCommit', commitOf('', 'mine'), { key })],
  ],
  { limits },
)

negatives(
  'a text is refused that is',
  [
    [
      'a topic of 250 letters',
      200,
      'INVALID_TOPIC_EXCEPTION',
      request('/v1/admin/create-topics', newTopic('x'.repeat(250)), { key }),
    ],
    [
      'a topic of a million letters',
      200,
      'INVALID_TOPIC_EXCEPTION',
      request('/v1/admin/create-topics', newTopic(longer), { key }),
    ],
    ['a note beside an offset, too long', 200, 'OFFSET_METADATA_TOO_LARGE', noting('x'.repeat(4097))],
    ['a note beside an offset, far too long', 200, 'OFFSET_METADATA_TOO_LARGE', noting(longer)],
    ['a value of a setting, too long', 200, 'INVALID_CONFIG', setting('cleanup.policy', 'x'.repeat(251))],
    ['a list in a setting, too long', 200, 'INVALID_CONFIG', setting('cleanup.policy', 'delete,'.repeat(10_000))],
    ['a name of a setting, far too long', 200, 'INVALID_CONFIG', setting(longer, '1')],
    ['a number in a setting, far too long', 200, 'INVALID_CONFIG', setting('retention.ms', '9'.repeat(100_000))],
    ['a subscribed name of 250 letters', 400, invalid, beating({ subscribedTopicNames: ['x'.repeat(250)] })],
    [
      'one of 10,001 subscribed names',
      400,
      invalid,
      beating({ subscribedTopicNames: Array.from({ length: 10_001 }, (_, n) => `t${n}`) }),
    ],
  ],
  { limits },
)

const regex = 'INVALID_REGULAR_EXPRESSION'
negatives(
  'an expression is refused that is',
  [
    ['no expression', 400, regex, subscribed('(')],
    ['of a class without end', 400, regex, subscribed('[a-')],
    ['of 2,001 letters', 400, regex, subscribed('x'.repeat(2001))],
    ['of a million letters', 400, regex, subscribed(longer)],
    ['of repetitions of repetitions', 400, regex, subscribed('(((a{1,90}){1,90}){1,90}){1,90}')],
    ['of a large repetition', 400, regex, subscribed('a{1,100000}')],
    ['of many ways', 400, regex, subscribed(`(${Array.from({ length: 600 }, (_, n) => `a${n}`).join('|')})`)],
    ['of a look behind', 400, regex, subscribed('(?<=a)b')],
    ['of a reference back', 400, regex, subscribed('(a)\\1')],
    ['of a look ahead', 400, regex, subscribed('(?=x)')],
  ] satisfies readonly Negative[],
  { limits },
)
