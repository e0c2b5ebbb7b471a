import { createTopic } from '@kafkado/admin'
import { memory } from '@kafkado/broker'
import { intercept, KafkaError, RebalanceInProgressError } from '@kafkado/core'
import { offsetFetch } from '@kafkado/core/protocol'
import { expect, it } from 'vitest'
import { OffsetCommitter } from '../../src/commit/offset-committer.ts'
import { noMember } from '../../src/group/membership.ts'
import type { OffsetToCommit } from '../../src/partition/topic-partition.ts'
import { consumerSettings } from '../../src/settings/consumer-config.ts'

/**
 * The consumer may leave at any moment around the answer: some turns after the request was sent, or as the offsets are
 * noted, or some turns after it.
 */
const moments = Array.from({ length: 40 }, (_, turns) => turns)

it.each(moments)('a commit that the group has taken is never told as failed: ended after %i turns', async (turns) => {
  const engine = memory()
  await createTopic(engine, 'in', { partitions: 1 })
  const due: (OffsetToCommit & { topicId: null })[] = [{ topic: 'in', topicId: null, partition: 0, offset: 1 }]
  const answers: Promise<unknown>[] = []
  const transport = intercept(engine, (next) => (operation, request, options) => {
    // It is carried out whether or not somebody still waits for it.
    const answer = next(operation, request, { ...options, signal: undefined })
    answers.push(answer)
    return answer
  })
  const committer = new OffsetCommitter({
    transport,
    settings: consumerSettings({ group: 'g' }, transport),
    member: { identity: noMember, heartbeat: () => Promise.resolve() },
    onCommitted: () => due.splice(0),
  })
  const committing = committer
    .commit(() => due)
    .then(
      () => 'committed',
      (error: unknown) => (KafkaError.is(error) ? error.outcome : error),
    )
  while (answers.length === 0) await Promise.resolve()
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
  committer.end(new RebalanceInProgressError('the consumer has left the group', { retriable: false }))
  const told = await committing
  await Promise.all(answers)
  const asked = { groupId: 'g', memberId: null, memberEpoch: -1, topics: null, requireStable: true }
  const { topics } = await engine.send(offsetFetch, asked)
  expect(topics[0]?.partitions[0]?.committedOffset).toBe(1)
  expect(['committed', 'unknown']).toContain(told)
  await engine.close()
})
