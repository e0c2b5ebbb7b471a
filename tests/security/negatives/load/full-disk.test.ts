import { MemoryStorage } from '@kafkado/broker/storage'
import { asking, commitOf, everyRequest, heartbeatOf, newTopic, produceOf } from '../place/every-request.ts'
import { type Negative, negatives } from '../place/negatives.ts'
import { frame, request } from '../place/raw-http.ts'

/** Another program has filled the disk: nothing is written, and everything is read. */

class FullStorage extends MemoryStorage {
  isFull = false

  /** The engine measures only now and then; this makes it look at once. */
  get writtenBytes(): number {
    return this.isFull ? Number.MAX_SAFE_INTEGER : 0
  }

  override freeBytes(): Promise<number> {
    return Promise.resolve(this.isFull ? 0 : 2 ** 40)
  }
}

const storage = new FullStorage()
const full = 'KAFKA_STORAGE_ERROR'
const requests = everyRequest({ topics: ['mine'], group: 'mine-new', transactionalId: 'mine-new' })
const asked = (name: string, change: object = {}): string => asking(name, { ...requests[name], ...change })
const ofTransaction =
  (name: string): Negative[3] =>
  ({ own }) =>
    asked(name, { transactionalId: 'mine-id', producerId: own.producerId, producerEpoch: own.producerEpoch })

negatives(
  'a full disk refuses',
  [
    ['a record', 503, full, frame(produceOf(['mine']))],
    ['a record for a new topic', 503, full, frame(produceOf(['mine-new']))],
    ['a topic', 503, full, request('/v1/admin/create-topics', newTopic('mine-new'))],
    ['partitions', 503, full, asked('createPartitions')],
    [
      'a setting that makes no room',
      503,
      full,
      asked('incrementalAlterConfigs', {
        resources: [
          {
            resourceType: 'topic',
            resourceName: 'mine',
            configs: [{ name: 'max.message.bytes', configOperation: 'set', value: '1000000' }],
          },
        ],
      }),
    ],
    ['a member of a new group', 503, full, request('/v1/groups/heartbeat', heartbeatOf('mine-new', 'mine'))],
    ['a member of a known group', 503, full, request('/v1/groups/heartbeat', heartbeatOf('mine-group', 'mine'))],
    ['an offset', 503, full, asked('offsetCommit')],
    [
      'an offset with a long note',
      503,
      full,
      asking('offsetCommit', {
        ...commitOf('mine-new', 'mine'),
        topics: [
          {
            topic: 'mine',
            partitions: [
              { partition: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: 'x'.repeat(4000) },
            ],
          },
        ],
      }),
    ],
    ['a transactional id', 503, full, asked('initProducerId')],
    ['a partition in a transaction', 503, full, ofTransaction('addPartitionsToTxn')],
    ['a group in a transaction', 503, full, ofTransaction('addOffsetsToTxn')],
    ['an offset in a transaction', 503, full, ofTransaction('txnOffsetCommit')],
  ],
  {
    storage,
    isFaultTold: true,
    fill: async ({ harness }) => {
      storage.isFull = true
      // The engine looks after the first write that it still takes.
      await harness.produceEach('mine-secret', 'last').catch(() => undefined)
    },
  },
)
