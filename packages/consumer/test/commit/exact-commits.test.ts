import { intercept, MemberFencedError, offsetCommit, seededRandom } from '@kafkado/core'
import { PartitionReader } from '../../src/partition-reader.ts'
import type { ConsumerConfig } from '../../src/settings/consumer-config.ts'
import { ManualClock } from '@kafkado/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, deferred, places } from '../../../../tests/clients/client-places.ts'
import { inTime, until } from '../../../../tests/passing-time.ts'

const nothing = (): Promise<void> => Promise.resolve()
const topics = ['gone', 'kept']
const offsets = topics.map((topic) => ({ topic, partition: 0, offset: 1 }))

describe.each(Object.entries(places))('a commit of exact offsets, on %s', (_name, place) => {
  let clock: ManualClock
  let under: ClientUnderTest
  let readers: PartitionReader[]
  /** Happens before the first commit is sent. */
  let meanwhile: () => Promise<void>

  beforeEach(async () => {
    clock = new ManualClock()
    under = await place({ clock, heartbeatInterval: 100 })
    readers = []
    meanwhile = nothing
    for (const topic of topics) {
      await under.kafka.admin.createTopic(topic, { partitions: 1 })
      await under.kafka.produce(topic, 1)
    }
  })
  afterEach(async () => {
    await inTime(Promise.all(readers.map((reader) => reader.close())), clock)
    await under.close()
  })

  function join(config: ConsumerConfig = {}): PartitionReader {
    const runtime = { clock, random: seededRandom(readers.length + 1) }
    const transport = intercept(under.transport, (next) => async (operation, request, options) => {
      if (operation.name === offsetCommit.name) {
        const happening = meanwhile
        meanwhile = nothing
        await happening()
      }
      return next(operation, request, options)
    })
    const reader = new PartitionReader(transport, topics, { group: 'app', offset: 'earliest', runtime, ...config })
    reader.start()
    readers.push(reader)
    return reader
  }
  /** Reads one record of each topic. */
  async function read(reader: PartitionReader): Promise<void> {
    await until(() => {
      reader.poll(() => true)
      return topics.every((topic) => reader.position({ topic, partition: 0 }) === 1)
    }, clock)
  }
  const committed = async (): Promise<unknown> =>
    (await under.kafka.admin.describeGroup('app')).offsets.map(({ topic, committed: offset }) => [topic, offset])

  it('leaves out a topic that is deleted meanwhile, while its partition is kept', async () => {
    const isRevoked = deferred()
    const isCommitted = deferred()
    const reader = join({
      onRevoked: () => {
        isRevoked.resolve()
        return isCommitted.promise
      },
    })
    await read(reader)
    meanwhile = async () => {
      await under.kafka.admin.deleteTopic('gone')
      await isRevoked.promise
    }
    await inTime(reader.commit(offsets), clock)
    isCommitted.resolve()
    await until(() => reader.position({ topic: 'gone', partition: 0 }) === undefined, clock)
    expect(await committed()).toEqual([['kept', 1]])
  })

  it.each(['is deleted', 'goes to another member'])('fails when a partition is lost, as its topic %s', async (why) => {
    const reader = join()
    await read(reader)
    const isLost = (): boolean => topics.some((topic) => reader.position({ topic, partition: 0 }) === undefined)
    meanwhile = async () => {
      if (why === 'is deleted') await under.kafka.admin.deleteTopic('gone')
      else join()
      await until(isLost, clock)
    }
    await expect(inTime(reader.commit(offsets), clock)).rejects.toThrow(MemberFencedError)
  })
})
