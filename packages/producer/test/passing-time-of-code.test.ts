import { memory } from '@kafkado/broker'
import { type Clock, DisconnectedError, produce } from '@kafkado/core'
import { createProducer, intercept, seededRandom } from 'kafkado'
import { ManualClock } from '@kafkado/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'

/** Code takes its time: each reading of the clock is later than the one before, by what comes next of these. */
function slowly(clock: ManualClock, stepsMs: readonly number[]): Clock {
  let [passedMs, readings] = [0, 0]
  return {
    now: () => clock.now() + passedMs,
    monotonic() {
      passedMs += stepsMs[readings++ % stepsMs.length] as number
      return clock.monotonic() + passedMs
    },
    schedule: (delayMs, action) => clock.schedule(delayMs, action),
  }
}

it('what is to be sent again is sent, however long the producer takes between two readings of the clock', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
      fc.boolean(),
      async (stepsMs, areLost, idempotent) => {
        const clock = new ManualClock()
        const engine = memory({ defaultPartitions: 3 })
        let requests = 0
        const transport = intercept(engine, (next) => async (operation, request, options) => {
          if (operation.name === produce.name && areLost[requests++])
            throw new DisconnectedError('connection refused', { outcome: 'failed' })
          return next(operation, request, options)
        })
        const runtime = { clock: slowly(clock, stepsMs), random: seededRandom(1) }
        const limits = { retryBackoffMs: 10, deliveryTimeout: '10m', lingerMs: 5, idempotent } as const
        const producer = createProducer<number>(transport, 'orders', { runtime, ...limits })
        let delivered = 0
        for (let number = 0; number < 9; number++)
          void producer.send(number, { partition: number % 3 }).then(() => delivered++)
        await clock.advanceAsync('1m')
        expect(delivered).toBe(9)
        void producer.close()
        await clock.advanceAsync('1m')
        await engine.close()
      },
    ),
    { numRuns: 150 },
  )
})
