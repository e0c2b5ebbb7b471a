import { setImmediate as turn } from 'node:timers/promises'
import { memory } from '@kafkado/broker'
import { type Clock, systemClock, systemRuntime } from '@kafkado/core'
import { KafkaClient } from 'kafkado'
import { expect, it } from 'vitest'
import { take } from '../take.ts'

/** A clock that advances with every look, as on a busy machine between any two lines. */
function slippingClock(): Clock {
  let slippedMs = 0
  return {
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic() + (slippedMs += 2),
    schedule: (delayMs, act, kind) => systemClock.schedule(delayMs, act, kind),
  }
}

it('exactly once, a punctuation that becomes due while a turn begins has its results in a transaction', async () => {
  const engine = memory({ heartbeatInterval: 200 })
  const kafka = new KafkaClient(engine)
  await kafka.admin.createTopic('in', { partitions: 1 })
  const ticking = new KafkaClient(engine, { ...systemRuntime, clock: slippingClock() })
  const s = ticking.streams({ application: 'app', guarantee: 'exactly-once', commitInterval: 3 })
  s.stream('in')
    .process<string, number>((context) => {
      let count = 0
      context.schedule(50, 'wall-clock', () => context.forward('k', ++count))
      return () => undefined
    })
    .to('out')
  const app = await s.start()
  const failed = new Promise<never>((_, reject) => app.on('error', ({ error }) => reject(error as Error)))
  const out = take<number>(kafka, 'out')
  let isEnough = false
  // Each of these wakes the loop at some moment.
  const waking = (async () => {
    while (!isEnough) {
      await app.pause()
      await app.resume()
      await turn()
    }
  })()
  const counts = await Promise.race([out.next(60), failed]).finally(() => {
    isEnough = true
  })
  await waking
  expect(counts).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
  await Promise.all([app.close(), out.close()])
  await Promise.all([ticking.close(), kafka.close()])
  await engine.close()
})
