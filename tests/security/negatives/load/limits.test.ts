import type { Answer } from '../place/answer.ts'
import { asking, commitOf, fetchOf, heartbeatOf, newTopic, produceOf } from '../place/every-request.ts'
import { type Negative, negatives } from '../place/negatives.ts'
import { asFrame, bearer, chunked, frame, head, host, json, request } from '../place/raw-http.ts'
import type { SecuredPlace } from '../place/secured-place.ts'

/** What is larger than the server takes, or more. */

const large = 'MESSAGE_TOO_LARGE'
const invalid = 'INVALID_REQUEST'
const post = 'POST /v1/metadata HTTP/1.1'
const partitions = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const names = (count: number): string[] => partitions(count).map((index) => `mine-${index}`)

negatives('a body is refused', [
  ['of a byte too many', 413, large, request('/v1/metadata', ' '.repeat(65_537)), /maxBodyBytes/],
  [
    'that says it is large',
    413,
    large,
    head(post, host, bearer(), json, 'Content-Length: 999999999'),
    /of 999999999 bytes/,
  ],
  [
    'that says it is large, and waits for permission',
    413,
    large,
    head(post, host, bearer(), json, 'Content-Length: 999999999', 'Expect: 100-continue'),
  ],
  [
    'that says it is large, of a frame',
    413,
    large,
    head('POST /v1/produce HTTP/1.1', host, bearer(), asFrame, 'Content-Length: 99999999'),
  ],
  [
    'of chunks without end',
    413,
    large,
    head(post, host, bearer(), json, chunked) + `${(2000).toString(16)}\r\n${' '.repeat(2000)}\r\n`.repeat(40),
  ],
  [
    'of a heartbeat of a byte too many',
    413,
    large,
    request('/v1/groups/heartbeat', ' '.repeat(65_537)),
    /maxHeartbeatBytes/,
  ],
  ['of a token of a byte too many', 413, large, request('/v1/tokens', ' '.repeat(65_537))],
])

negatives('a head is refused', [
  [
    'with a header that is too large',
    431,
    invalid,
    request('/v1', null, { headers: [`X-Filler: ${'x'.repeat(5000)}`] }),
    /maxHeaderBytes/,
  ],
  ['with a URL that is too long', 431, invalid, request(`/v1?${'x'.repeat(5000)}`, null)],
  ['with a key that is too long', 431, invalid, request('/v1', null, { key: { secret: 'x'.repeat(5000) } })],
  [
    'with many cookies',
    431,
    invalid,
    request('/v1', null, { headers: Array.from({ length: 100 }, (_, n) => `Cookie: c${n}=${'x'.repeat(50)}`) }),
  ],
])

negatives('a request is refused that names', [
  [
    'too many topics',
    413,
    large,
    request('/v1/metadata', { topics: names(51), allowAutoTopicCreation: false }),
    /names 51/,
  ],
  ['too many partitions to read', 413, large, request('/v1/fetch', fetchOf(...names(51)))],
  ['too many topics to write to', 413, large, frame(produceOf(names(51)))],
  [
    'too many partitions of a topic',
    413,
    large,
    asking('offsetDelete', { groupId: 'mine-group', topics: [{ topic: 'mine', partitions: partitions(51) }] }),
  ],
  ['too many groups', 413, large, asking('describeGroups', { groupIds: names(51) })],
  ['too many groups to delete', 413, large, asking('deleteGroups', { groups: names(51) })],
  ['too many transactions', 413, large, asking('describeTransactions', { transactionalIds: names(51) })],
  [
    'too many topics to make',
    413,
    large,
    asking('createTopics', {
      timeoutMs: 1,
      validateOnly: false,
      topics: names(51).map((topic) => newTopic(topic).topics[0]),
    }),
  ],
  [
    'too many settings',
    413,
    large,
    asking('describeConfigs', {
      resources: names(51).map((resourceName) => ({ resourceType: 'topic', resourceName, configurationKeys: null })),
    }),
  ],
  ['a topic twice', 400, invalid, request('/v1/fetch', fetchOf('mine', 'mine'))],
  [
    'a topic forty times',
    400,
    invalid,
    asking('listOffsets', {
      isolationLevel: 'read_committed',
      topics: Array.from({ length: 40 }, () => ({ topic: 'mine', partitions: [{ partition: 0, timestamp: 5 }] })),
    }),
  ],
  ['a group twice', 400, invalid, asking('deleteGroups', { groups: ['mine-none', 'mine-none'] })],
])

const quota = 'THROTTLING_QUOTA_EXCEEDED'
negatives('partitions are refused beyond what a key may make', [
  [
    'in one topic',
    429,
    quota,
    request('/v1/admin/create-topics', newTopic('mine-new', { numPartitions: 21 })),
    /maxNewPartitionsPerHourPerKey/,
  ],
  [
    'in several topics',
    429,
    quota,
    asking('createTopics', {
      timeoutMs: 1,
      validateOnly: false,
      topics: names(30).map((topic) => newTopic(topic).topics[0]),
    }),
  ],
  [
    'in a topic that grows',
    429,
    quota,
    asking('createPartitions', { timeoutMs: 1, validateOnly: false, topics: [{ topic: 'mine', count: 25 }] }),
  ],
  [
    'by the greatest number',
    429,
    quota,
    asking('createPartitions', { timeoutMs: 1, validateOnly: false, topics: [{ topic: 'mine', count: 2 ** 31 - 1 }] }),
  ],
  [
    'by names that nobody knows',
    429,
    quota,
    request('/v1/metadata', { topics: names(30), allowAutoTopicCreation: true }),
  ],
  ['by records for names that nobody knows', 429, quota, frame(produceOf(names(30)))],
])

const joined = heartbeatOf('mine-new', 'mine')
negatives(
  'the engine refuses',
  [
    ['another topic', 200, 'POLICY_VIOLATION', request('/v1/admin/create-topics', newTopic('mine-new'))],
    ['another topic by a record', 200, 'POLICY_VIOLATION', frame(produceOf(['mine-new']))],
    [
      'another topic by a question',
      200,
      'POLICY_VIOLATION',
      request('/v1/metadata', { topics: ['mine-new'], allowAutoTopicCreation: true }),
    ],
    [
      'more partitions in all',
      200,
      'POLICY_VIOLATION',
      asking('createPartitions', { timeoutMs: 1, validateOnly: false, topics: [{ topic: 'mine', count: 5 }] }),
    ],
    [
      'another member of a group',
      409,
      'GROUP_MAX_SIZE_REACHED',
      request('/v1/groups/heartbeat', { ...joined, groupId: 'mine-group' }),
      /maxGroupMembers/,
    ],
    ['another group, of a member', 400, 'POLICY_VIOLATION', request('/v1/groups/heartbeat', joined), /maxGroups/],
    [
      'another group, of a commit',
      400,
      'POLICY_VIOLATION',
      asking('offsetCommit', {
        groupId: 'mine-new',
        memberId: '',
        memberEpoch: -1,
        groupInstanceId: null,
        topics: [
          {
            topic: 'mine',
            partitions: [{ partition: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: null }],
          },
        ],
      }),
    ],
    [
      'another group, of a commit in a transaction',
      400,
      'POLICY_VIOLATION',
      ({ own }) =>
        asking('txnOffsetCommit', {
          transactionalId: 'mine-id',
          producerId: own.producerId,
          producerEpoch: own.producerEpoch,
          groupId: 'mine-new',
          memberId: '',
          generationId: -1,
          groupInstanceId: null,
          topics: [
            {
              topic: 'mine',
              partitions: [{ partition: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: null }],
            },
          ],
        }),
    ],
  ],
  { engine: { maxTopics: 4, maxPartitionsInAll: 8, maxGroupMembers: 1, maxGroups: 2 } },
)

/** With one group made, which is all that the key may make in an hour, and gone again. */
const afterOne =
  (last: (place: SecuredPlace) => string): Negative[3] =>
  async (place) => {
    const [made] = await place.ask(asking('offsetCommit', commitOf('mine-made', 'mine')))
    const answers = await place.ask(last(place))
    await place.ask(asking('deleteGroups', { groups: ['mine-made'] }))
    return made?.status === 200 || made?.status === 429 ? answers : [made as Answer]
  }
negatives(
  'groups are refused beyond what a key may make',
  [
    ['of a member', 429, quota, afterOne(() => request('/v1/groups/heartbeat', joined)), /maxNewGroupsPerHourPerKey/],
    ['of a commit', 429, quota, afterOne(() => asking('offsetCommit', commitOf('mine-new', 'mine')))],
    [
      'of a commit in a transaction',
      429,
      quota,
      afterOne(({ own: { producerId, producerEpoch } }) => {
        const commit = { ...commitOf('mine-new', 'mine'), transactionalId: 'mine-id', producerId, producerEpoch }
        return asking('txnOffsetCommit', { ...commit, generationId: -1 })
      }),
    ],
  ],
  { limits: { maxNewGroupsPerHourPerKey: 1 } },
)
