import { createTopic } from '@kafkado/admin'
import { type EmbeddedTransport, memory } from '@kafkado/broker'
import type { Transport } from '@kafkado/core'
import { ManualClock } from '@kafkado/testing'
import { type Consumer, createConsumer, seededRandom } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inTime } from '../../../../tests/passing-time.ts'
import { named, UnreliableLink } from '../../../../tests/clients/unreliable-link.ts'

const topic = 'work'

describe('a member that is still taking its partitions', () => {
  let transport: EmbeddedTransport
  let clock: ManualClock
  let consumers: Consumer[]
  let owned: Map<Consumer, Set<number>>
  let shared: string[]

  beforeEach(async () => {
    clock = new ManualClock()
    consumers = []
    owned = new Map()
    shared = []
    const runtime = { clock, random: seededRandom(1) }
    transport = memory({ runtime, sessionTimeout: '1h', heartbeatInterval: '500ms' })
    await createTopic(transport, topic, { partitions: 2 })
  })
  afterEach(async () => {
    await inTime(Promise.all(consumers.map((consumer) => consumer.close())), clock, 20)
    await transport.close()
  })

  /** Advances the clock until the condition holds. */
  async function until(holds: () => boolean): Promise<void> {
    for (let steps = 0; !holds(); steps++) {
      if (steps > 2000) throw new Error('it never comes to that')
      await clock.advanceAsync(100)
    }
  }

  /** A member, and the partitions that it is told to own; it records partitions that two members own at a time. */
  function join(link: Transport, onAssigned?: () => Promise<void>): Consumer {
    const runtime = { clock, random: seededRandom(consumers.length + 2) }
    const consumer = createConsumer(link, topic, {
      group: 'g',
      runtime,
      sessionTimeout: '1h',
      rebalanceTimeout: '1h',
      onAssigned,
    })
    const own = new Set<number>()
    consumers.push(consumer)
    owned.set(consumer, own)
    consumer.on('assigned', ({ partitions }) => {
      for (const { partition } of partitions) {
        for (const [other, has] of owned)
          if (other !== consumer && has.has(partition)) shared.push(`partition ${partition}`)
        own.add(partition)
      }
    })
    consumer.on('revoked', ({ partitions }) => partitions.forEach(({ partition }) => own.delete(partition)))
    consumer.next().catch(() => undefined)
    return consumer
  }

  it.each(['offsetFetch', 'listOffsets', 'a listener'])(
    'has them, whoever joins while it waits for %s',
    async (what) => {
      const link = new UnreliableLink(transport, clock)
      const held = what === 'a listener' ? undefined : link.holdNext(named(what))
      let isWaiting = false
      let goOn = (): void => held?.release()
      void held?.reached.then(() => {
        isWaiting = true
      })
      const hang = (): Promise<void> => {
        isWaiting = true
        return new Promise((resolve) => {
          goOn = resolve
        })
      }
      const first = join(link.transport, held ? undefined : hang)
      await until(() => isWaiting)
      join(transport)
      await clock.advanceAsync('5s')
      goOn()
      await until(() => (owned.get(first)?.size ?? 0) > 0)
      await until(() => [...owned.values()].every(({ size }) => size === 1))
      expect(shared).toEqual([])
    },
  )
})
