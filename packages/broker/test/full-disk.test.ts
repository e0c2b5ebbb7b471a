import { MemoryStorage, type StorageChanges } from '@kafkado/broker/storage'
import {
  capabilities,
  consumerGroupHeartbeat,
  createPartitions,
  createTopics,
  incrementalAlterConfigs,
  metadata,
  offsetCommit,
  type RequestOf,
} from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { outcome, requests, type Send, turns, World } from './every-request.ts'

/** A disk that another program fills up and empties. */
class FillingStorage extends MemoryStorage {
  isFull = false
  /** How many units were written. */
  units = 0

  /** The engine measures only now and then; this makes it look at once. */
  get writtenBytes(): number {
    return this.isFull ? Number.MAX_SAFE_INTEGER : 0
  }

  override freeBytes(): Promise<number> {
    return Promise.resolve(this.isFull ? 0 : 2 ** 40)
  }

  override commit(changes: StorageChanges): Promise<void> {
    this.units++
    return super.commit(changes)
  }
}

type Heartbeat = RequestOf<typeof consumerGroupHeartbeat>

const joining: Heartbeat = {
  groupId: 'another',
  memberId: 'joining',
  memberEpoch: 0,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: 60_000,
  subscribedTopicNames: ['t'],
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: [],
}

const offsets = [{ partition: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: null }]
const config = { name: 'max.message.bytes', configOperation: 'set', value: '1000000' } as const

/** What matters here beside the requests of every operation. */
const more: Record<string, Send> = {
  'metadata of a known and a new topic': (transport) =>
    transport.send(metadata, { topics: ['t', 'new'], allowAutoTopicCreation: true }),
  'metadata of a known topic, which may create': (transport) =>
    transport.send(metadata, { topics: ['t'], allowAutoTopicCreation: true }),
  'consumerGroupHeartbeat that makes a group': (transport) => transport.send(consumerGroupHeartbeat, joining),
  'consumerGroupHeartbeat that joins with an expression': (transport) =>
    transport.send(consumerGroupHeartbeat, { ...joining, subscribedTopicNames: null, subscribedTopicRegex: 't.*' }),
  'offsetCommit that makes a group': (transport) =>
    transport.send(offsetCommit, {
      groupId: 'another',
      memberId: '',
      memberEpoch: -1,
      groupInstanceId: null,
      topics: [{ topic: 'u', partitions: offsets }],
    }),
  'createTopics, only checked': (transport) =>
    transport.send(createTopics, {
      timeoutMs: 1000,
      validateOnly: true,
      topics: [{ topic: 'new', numPartitions: 1, replicationFactor: -1, configs: [] }],
    }),
  'createPartitions, only checked': (transport) =>
    transport.send(createPartitions, { timeoutMs: 1000, validateOnly: true, topics: [{ topic: 'u', count: 3 }] }),
  'incrementalAlterConfigs that makes no room': (transport) =>
    transport.send(incrementalAlterConfigs, {
      validateOnly: false,
      resources: [{ resourceType: 'topic', resourceName: 'u', configs: [config] }],
    }),
}

/** Requests that end or remove something, or make room later. All others that write are refused. */
const endings: ReadonlySet<string> = new Set([
  'consumerGroupHeartbeat that leaves',
  'deleteGroups',
  'deleteRecords',
  'deleteTopics',
  'endTxn, abort',
  'endTxn, commit',
  'incrementalAlterConfigs',
  'offsetDelete',
])

const names = [...World.names(), ...Object.keys(more)]
const send = (world: World, name: string): Promise<unknown> =>
  ((more[name] ?? requests(world)[name]) as Send)(world.engine.transport)

/** A world, restarted if asked: only then does a producer without a transactional id need new ids of the storage. */
async function worldOf(isRestarted: boolean): Promise<World<FillingStorage>> {
  const world = await World.make(new FillingStorage())
  if (isRestarted) await world.engine.restart()
  return world
}

const reading = /^(fetch|list|describe|metadata$|offset(Fetch|ForLeaderEpoch))/

/** All that a client can see. Ids count by their first appearance: a refused attempt may have used some up. */
async function seenIn(world: World): Promise<string> {
  const answers: unknown[] = []
  for (const name of names.filter((one) => reading.test(one))) answers.push([name, await outcome(send(world, name))])
  const ids = new Map<string, string>()
  return JSON.stringify(answers).replaceAll(/[0-9a-f-]{36}|(?<=producerId\\":)\d+/g, (id) => {
    if (!ids.has(id)) ids.set(id, `id ${ids.size}`)
    return ids.get(id) as string
  })
}

const refusal = {
  code: 'STORAGE',
  retriable: true,
  outcome: 'failed',
  message: expect.stringMatching(/^the disk is nearly full: 0 bytes are free, fewer than the 67108864 that are kept/),
}

describe.each([false, true])('on a nearly full disk (after a restart: %s)', (isRestarted) => {
  it.each(names)('whatever writes is refused as a whole, and all else goes on: %s', async (name) => {
    const roomy = await worldOf(isRestarted)
    const before = roomy.storage.units
    const wanted = await outcome(send(roomy, name))
    const isWriting = roomy.storage.units > before
    const full = await worldOf(isRestarted)
    const seen = await seenIn(full)
    full.storage.isFull = true
    if (!isWriting || endings.has(name)) {
      // The capabilities tell of it.
      const answered = JSON.stringify(await outcome(send(full, name))).replace(String.raw`,\"isNearlyFull\":true`, '')
      expect(answered).toEqual(JSON.stringify(wanted))
      expect(full.storage.units > before).toBe(isWriting)
    } else {
      for (let attempt = 0; attempt < 2; attempt++) {
        await expect(send(full, name)).rejects.toMatchObject(refusal)
        await turns()
      }
      expect(full.storage.units).toBe(before)
      expect(await seenIn(full)).toBe(seen)
      full.storage.isFull = false
      // This attempt has the disk measured again.
      await expect(send(full, name)).rejects.toMatchObject(refusal)
      await turns()
      await send(full, name)
    }
    expect(await seenIn(full)).toBe(await seenIn(roomy))
    await Promise.all([roomy, full].map(({ engine }) => engine.transport.close()))
  })
})

describe('a nearly full disk', () => {
  it('has an operation of each kind above', () => {
    expect([...endings].filter((name) => !names.includes(name))).toEqual([])
  })

  it.each(['1m', '3h'] as const)(
    'lets sessions, transactions, what was long unused and old records end: %s',
    async (time) => {
      const worlds = [await worldOf(false), await worldOf(false)]
      for (const [index, world] of worlds.entries()) {
        world.storage.isFull = index === 1
        const before = world.storage.units
        await send(world, 'incrementalAlterConfigs')
        await world.engine.clock.advanceAsync(time)
        await turns()
        expect(world.storage.units).toBeGreaterThan(before + 1)
      }
      const [roomy, full] = await Promise.all(worlds.map(seenIn))
      expect(full).toBe(roomy)
      await Promise.all(worlds.map(({ engine }) => engine.transport.close()))
    },
  )

  it('is told by the capabilities until there is room again', async () => {
    const world = await worldOf(false)
    const isNearlyFull = async () => (await world.engine.transport.send(capabilities, {})).isNearlyFull
    expect(await isNearlyFull()).toBeUndefined()
    world.storage.isFull = true
    expect(await isNearlyFull()).toBe(true)
    world.storage.isFull = false
    // Whoever asks has the disk measured again.
    await isNearlyFull()
    await turns()
    expect(await isNearlyFull()).toBeUndefined()
    await world.engine.transport.close()
  })

  it('expels no member whose changed subscription it refuses', async () => {
    const world = await worldOf(false)
    world.storage.isFull = true
    const seen = await seenIn(world)
    for (let beat = 0; beat < 30; beat++) {
      await expect(send(world, 'consumerGroupHeartbeat with another subscription')).rejects.toMatchObject(refusal)
      // Shorter than the timeout of the transaction that is open.
      await world.engine.clock.advanceAsync(1900)
    }
    expect(await seenIn(world)).toBe(seen)
    await world.engine.transport.close()
  })
})
