import { batch } from '@kafkado/testing/conformance'
import { asking, everyRequest, heartbeatOf, produceOf } from '../place/every-request.ts'
import { type Attack, negatives } from '../place/negatives.ts'
import { frame, request } from '../place/raw-http.ts'
import type { SecuredPlace } from '../place/secured-place.ts'

/** Everyone sees ids and epochs of producers and members. They belong to the key that got them. */

const cluster = 'CLUSTER_AUTHORIZATION_FAILED'
const transaction = 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'

type Producer = { producerId: number; producerEpoch: number }

const writing =
  (of: (place: SecuredPlace) => Producer, more: { transactionalId?: string; baseSequence?: number } = {}): Attack =>
  (place) => {
    const { transactionalId, baseSequence = 0 } = more
    const { producerId, producerEpoch } = of(place)
    const options = { producerId, producerEpoch, baseSequence, isTransactional: transactionalId !== undefined }
    const records = batch([{ value: 'x' }], options)
    return frame({ ...produceOf(['mine'], records), transactionalId: transactionalId ?? null })
  }
/** A request of a transaction in the own transactional id, with the ids of another producer. */
const within =
  (name: string, of: (place: SecuredPlace) => Producer): Attack =>
  (place) => {
    const names = { topics: ['mine'], group: 'mine-group', transactionalId: 'mine-id', ...idsOf(of(place)) }
    return asking(name, everyRequest(names)[name] ?? {})
  }
const idsOf = ({ producerId, producerEpoch }: Producer): Producer => ({ producerId, producerEpoch })
const initialising =
  (of: (place: SecuredPlace) => Producer, transactionalId: string | null): Attack =>
  (place) =>
    request('/v1/producers/init', { transactionalId, transactionTimeoutMs: 1000, ...idsOf(of(place)) })

const plain = ({ otherPlain }: SecuredPlace): Producer => otherPlain
const open = ({ other }: SecuredPlace): Producer => other
const later = ({ otherPlain }: SecuredPlace): Producer => ({ ...otherPlain, producerEpoch: 5 })
const highest = ({ other }: SecuredPlace): Producer => ({ ...idsOf(other), producerEpoch: 32_766 })

negatives('the producer of another key is not used to', [
  ['write', 403, cluster, writing(plain)],
  ['write with a later epoch, which would fence it', 403, cluster, writing(later)],
  ['write behind its last record', 403, cluster, writing(plain, { baseSequence: 1 })],
  ['write as if in no transaction', 403, cluster, writing(open)],
  ['write in an own transaction', 403, transaction, writing(open, { transactionalId: 'mine-id' })],
  [
    'write in an own transaction, with the last epoch',
    403,
    transaction,
    writing(highest, { transactionalId: 'mine-id' }),
  ],
  ['add partitions to its transaction', 403, transaction, within('addPartitionsToTxn', open)],
  ['add offsets to its transaction', 403, transaction, within('addOffsetsToTxn', open)],
  ['commit offsets in its transaction', 403, transaction, within('txnOffsetCommit', open)],
  ['end its transaction', 403, transaction, within('endTxn', open)],
  ['go on with its id', 403, transaction, initialising(open, 'mine-id')],
  ['go on with its plain id', 403, cluster, initialising(plain, null)],
])

negatives('an own producer that is out of date is refused', [
  ['by an id that nobody has', 403, transaction, within('endTxn', () => ({ producerId: 987_654, producerEpoch: 0 }))],
  [
    'by an epoch that is to come',
    409,
    'PRODUCER_FENCED',
    within('endTxn', ({ own }) => ({ ...idsOf(own), producerEpoch: 7 })),
  ],
  [
    'by an epoch that is to come, when it adds partitions',
    409,
    'PRODUCER_FENCED',
    within('addPartitionsToTxn', ({ own }) => ({ ...idsOf(own), producerEpoch: 7 })),
  ],
  [
    'by a gap in its numbers',
    200,
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    writing(({ ownPlain }) => ownPlain, { baseSequence: 7 }),
  ],
  [
    'by its plain id in a transaction',
    200,
    'INVALID_PRODUCER_ID_MAPPING',
    writing(({ ownPlain }) => ownPlain, { transactionalId: 'mine-id' }),
  ],
  [
    'by a transactional batch of no transaction',
    200,
    transaction,
    ({ own }) => {
      const records = batch([{ value: 'x' }], { ...idsOf(own), baseSequence: 1, isTransactional: true })
      return frame(produceOf(['mine'], records))
    },
  ],
])

const joined = heartbeatOf('mine-group', 'mine')
negatives('a member is not taken for another', [
  [
    'by an epoch that is to come',
    409,
    'FENCED_MEMBER_EPOCH',
    request('/v1/groups/heartbeat', { ...joined, memberId: 'member', memberEpoch: 99, topicPartitions: null }),
  ],
  [
    'by an id that is unknown',
    409,
    'UNKNOWN_MEMBER_ID',
    request('/v1/groups/heartbeat', { ...joined, memberEpoch: 1 }),
  ],
  [
    'by the id of a member of another group',
    409,
    'UNKNOWN_MEMBER_ID',
    request('/v1/groups/heartbeat', { ...joined, memberId: 'their-member', memberEpoch: 1 }),
  ],
  [
    'when an unknown one leaves',
    409,
    'UNKNOWN_MEMBER_ID',
    request('/v1/groups/heartbeat', { ...joined, memberEpoch: -1 }),
  ],
  [
    'in a commit without a member',
    409,
    'UNKNOWN_MEMBER_ID',
    asking(
      'offsetCommit',
      everyRequest({ topics: ['mine'], group: 'mine-group', transactionalId: 'mine-id' })['offsetCommit'] ?? {},
    ),
  ],
  [
    'in a commit by an epoch that is to come',
    409,
    'STALE_MEMBER_EPOCH',
    asking('offsetCommit', {
      ...everyRequest({ topics: ['mine'], group: 'mine-group', transactionalId: 'mine-id' })['offsetCommit'],
      memberId: 'member',
      memberEpoch: 99,
    }),
  ],
  [
    'in a group that is not there',
    404,
    'GROUP_ID_NOT_FOUND',
    request('/v1/groups/heartbeat', { ...heartbeatOf('mine-none', 'mine'), memberEpoch: 3 }),
  ],
])
