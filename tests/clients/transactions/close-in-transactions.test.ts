import { setImmediate as turn } from 'node:timers/promises'
import { KafkaClient } from 'kafkado'
import { ManualClock } from '@kafkado/testing'
import { describe, expect, it } from 'vitest'
import { type ClientUnderTest, collect, places } from '../client-places.ts'
import { UnreliableLink } from '../unreliable-link.ts'

const inputs = ['a', 'b', 'c']
const group = 'invoicer'

/** How the loop of the README is written. */
const bodies = ['consumer', 'record'] as const
type By = (typeof bodies)[number]

/**
 * Runs the loop and closes its client at the request with that number. @returns how many requests there were, and how
 * the loop ended
 */
async function runAndClose(under: ClientUnderTest, by: By, closeAt: number, turnsLater: number) {
  const link = new UnreliableLink(under.transport, new ManualClock())
  // The engine stays for the next client.
  const kafka = new KafkaClient({ ...link.transport, close: () => Promise.resolve() })
  const closing: Promise<void>[] = []
  link.onRequest = () => {
    if (link.requests.length !== closeAt) return
    closing.push(later(turnsLater).then(() => kafka.close()))
  }
  const consumer = kafka.consumer<string>('in', { group })
  let count = 0
  let outcome: unknown = 'quietly'
  try {
    for await (const record of consumer) {
      await kafka.transaction(async (tx) => {
        await tx.send('out', record.value, { partition: 0 })
        await tx.commitOffsets(by === 'consumer' ? consumer : [record])
      })
      if (++count === inputs.length) closing.push(kafka.close())
    }
  } catch (error) {
    outcome = error
  }
  await Promise.all(closing)
  return { requests: link.requests.length, isAsked: closeAt <= link.requests.length, outcome }
}

async function later(turns: number): Promise<void> {
  for (let left = turns; left > 0; left--) await turn()
}

/** Each case starts a server with a folder for every request of the loop. */
const timeLimitMs = 60_000

describe.each(Object.entries(places))('kafka.close() under a loop of transactions on %s', (_name, place) => {
  const cases = bodies.flatMap((by) => [0, 1].map((turnsLater) => ({ by, turnsLater })))

  it.each(cases)(
    'at any of its requests ($turnsLater turns later) ends it quietly, and each committed input has one output: by $by',
    async ({ by, turnsLater }) => {
      let isAsked = true
      for (let closeAt = 1; isAsked; closeAt++) {
        const under = await place({ defaultPartitions: 1, heartbeatInterval: 50 })
        await under.kafka.producer('in').sendBatch(inputs)
        const run = await runAndClose(under, by, closeAt, turnsLater)
        expect(run.outcome, `closed at request ${closeAt}`).toBe('quietly')
        isAsked = run.isAsked
        const { offsets } = await under.kafka.admin.describeGroup(group).catch(() => ({ offsets: [] }))
        const committed = Math.max(offsets[0]?.committed ?? 0, 0)
        await under.kafka.produce('out', 'end', { partition: 0 })
        const outputs = await collect(under.kafka.consumer<string>('out').take(committed + 1))
        expect(outputs.map(({ value }) => value)).toEqual([...inputs.slice(0, committed), 'end'])
        await under.close()
      }
    },
    timeLimitMs,
  )
})
