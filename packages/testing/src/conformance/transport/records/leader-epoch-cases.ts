import { offsetForLeaderEpoch } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { errorNumber, type GetHarness, noError } from '../harness/harness.ts'

/**
 * The ends of the epochs of a partition's leader (KIP-320). The cases first ask for the current epoch, so a cluster may
 * be at any.
 */
export function leaderEpochCases(get: GetHarness): void {
  const ask = async (topic: string, leaderEpoch: number, currentLeaderEpoch = -1, partition = 0) => {
    const topics = [{ topic, partitions: [{ partition, currentLeaderEpoch, leaderEpoch }] }]
    return (await get().transport.send(offsetForLeaderEpoch, { topics })).topics[0]?.partitions[0]
  }

  describe('offsetForLeaderEpoch', () => {
    it('gives the end of the log for the epoch that leads', async () => {
      const topic = await get().topic()
      await get().produceEach(topic, 'a', 'b')
      expect(await ask(topic, 0)).toMatchObject({ errorCode: noError, leaderEpoch: 0, endOffset: 2 })
    })

    it('gives nothing for an epoch that was never there', async () => {
      expect(await ask(await get().topic(), 99)).toMatchObject({ errorCode: noError, leaderEpoch: -1, endOffset: -1 })
    })

    it('refuses a client that knows of a newer leader', async () => {
      const answer = await ask(await get().topic(), 0, 99)
      expect(answer).toMatchObject({ errorCode: errorNumber('UNKNOWN_LEADER_EPOCH'), endOffset: -1 })
    })

    it('answers for what does not exist', async () => {
      const unknown = { errorCode: errorNumber('UNKNOWN_TOPIC_OR_PARTITION'), endOffset: -1 }
      expect(await ask(get().name(), 0)).toMatchObject(unknown)
      expect(await ask(await get().topic(), 0, -1, 7)).toMatchObject(unknown)
    })
  })
}
