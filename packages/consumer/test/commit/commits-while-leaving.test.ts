import { memory } from '@kafkado/broker'
import { createTopic } from '@kafkado/admin'
import { memberEpoch, type OffsetCommitRequest } from '@kafkado/core/protocol'
import { createProducer } from '@kafkado/producer'
import { ManualClock } from '@kafkado/testing'
import { createConsumer, type KafkaRecord, seededRandom } from 'kafkado'
import { expect, it } from 'vitest'
import { inTime } from '../../../../tests/passing-time.ts'
import { named, UnreliableLink } from '../../../../tests/clients/unreliable-link.ts'

const commits = {
  'record.commit()': (record: KafkaRecord) => record.commit(),
  'consumer.commit()': undefined,
} as const

it.each(Object.entries(commits))(
  '%s that waits for another commit sends nothing as the member that has told the group that it goes',
  async (_, commit) => {
    const clock = new ManualClock()
    const runtime = { clock, random: seededRandom(1) }
    const engine = memory({ runtime })
    await createTopic(engine, 'in', { partitions: 1 })
    const producer = createProducer<string>(engine, 'in', { runtime })
    await inTime(producer.sendBatch(['a', 'b', 'c']), clock)
    await producer.close()
    const link = new UnreliableLink(engine, clock)
    const consumer = createConsumer(link.transport, 'in', {
      group: 'g',
      runtime,
      autoCommit: false,
      closeTimeout: '4s',
    })
    const first = await inTime(consumer.next(), clock)
    const second = await inTime(consumer.next(), clock)
    await inTime(consumer.next(), clock)
    const underWay = link.holdNext(named('offsetCommit'))
    const leaving = link.holdNext(
      (operation, request) => operation === 'consumerGroupHeartbeat' && request['memberEpoch'] === memberEpoch.leave,
    )
    const committing = [first.commit(), commit ? commit(second) : consumer.commit()]
    const settled = Promise.allSettled(committing)
    const closing = consumer.close()
    await inTime(leaving.reached, clock, 50)
    const sentBefore = link.requests.length
    underWay.release()
    await clock.advanceAsync('500ms')
    leaving.release()
    await inTime(closing, clock)
    await inTime(settled, clock)
    const asMember = link.requests
      .slice(sentBefore)
      .filter(
        ({ operation, request }) => operation === 'offsetCommit' && (request as OffsetCommitRequest).memberEpoch >= 0,
      )
    expect(asMember).toEqual([])
    await engine.close()
  },
)
