import { ManualClock } from '@kafkado/testing'
import { createConsumer, seededRandom } from 'kafkado'
import { describe, expect, it } from 'vitest'
import { places } from '../../../../tests/clients/client-places.ts'
import { inTime, pass, until } from '../../../../tests/passing-time.ts'
import { named, UnreliableLink } from '../../../../tests/clients/unreliable-link.ts'

const heartbeats = named('consumerGroupHeartbeat')
const clockSteps = [0, -1, 1, -24, 24]

describe.each(Object.entries(places))('a server that is silent, on %s', (_name, place) => {
  const cases = [1, 2, 5, 10, 45]
    .flatMap((seconds) => (['silence', 'fail'] as const).map((how) => ({ seconds, how })))
    .map((one, index) => ({ ...one, hours: clockSteps[index % clockSteps.length] as number }))

  it.each(cases)(
    'costs the partitions when the session of $seconds s is over ($how; clock set by $hours h), and they come back',
    async ({ seconds, how, hours }) => {
      const clock = new ManualClock()
      const under = await place({ clock, heartbeatInterval: '300ms' })
      await under.kafka.produce('in', 'first')
      const link = new UnreliableLink(under.transport, clock)
      const lostMs: number[] = []
      const sessionTimeoutMs = 1000 * seconds
      const runtime = { clock, random: seededRandom(1) }
      const consumer = createConsumer<string>(link.transport, 'in', {
        group: 'g',
        sessionTimeout: sessionTimeoutMs,
        runtime,
      })
      consumer.on('lost', () => lostMs.push(clock.monotonic()))
      const record = await inTime(consumer.next(), clock)
      link[how](heartbeats)
      const answeredMs = clock.monotonic() - (consumer.health().heartbeatAgeMs as number)
      clock.adjust(hours * 3_600_000)
      await until(() => lostMs.length > 0, clock, 20)
      // The session counts from the moment when the last answered heartbeat was sent, which is a little earlier.
      expect((lostMs[0] as number) - answeredMs).toBeLessThanOrEqual(sessionTimeoutMs)
      expect((lostMs[0] as number) - answeredMs).toBeGreaterThan(sessionTimeoutMs - 200)
      expect(consumer.assignment()).toEqual([])
      await expect(record.commit()).rejects.toMatchObject({ outcome: 'failed', retriable: false })
      link.restore()
      await until(() => consumer.assignment().length > 0, clock, 20)
      expect((await inTime(consumer.next(), clock)).value).toBe('first')
      expect(lostMs).toHaveLength(1)
      await inTime(consumer.close(), clock, 20)
      expect(clock.pendingTimers).toBe(under.engineTimers())
      await under.close()
    },
  )

  it('costs nothing while it is shorter than the session', async () => {
    const clock = new ManualClock()
    const under = await place({ clock, heartbeatInterval: '300ms' })
    await under.kafka.produce('in', 'first')
    const link = new UnreliableLink(under.transport, clock)
    let lost = 0
    const runtime = { clock, random: seededRandom(1) }
    const consumer = createConsumer<string>(link.transport, 'in', { group: 'g', sessionTimeout: '5s', runtime })
    consumer.on('lost', () => lost++)
    const record = await inTime(consumer.next(), clock)
    for (const hours of clockSteps) {
      link.silence(heartbeats)
      clock.adjust(hours * 3_600_000)
      await pass(3000, clock, 20)
      link.restore()
      await until(() => (consumer.health().heartbeatAgeMs as number) < 100, clock, 20)
    }
    await inTime(record.commit(), clock)
    expect(lost).toBe(0)
    await inTime(consumer.close(), clock)
    await under.close()
  })
})
