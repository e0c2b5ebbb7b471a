import { describe, expect, it } from 'vitest'
import { AdjustableClock } from './adjustable-clock.ts'
import { systemClock } from './clock.ts'
import { ManualClock } from './manual-clock.ts'

const hourMs = 3_600_000

describe.each([
  ['ManualClock', () => new ManualClock()],
  ['AdjustableClock', () => new AdjustableClock()],
])('%s', (_, make) => {
  it('shows another time of day when it is set back, and measures and fires as before', () => {
    const clock = make()
    let fired = 0
    clock.schedule(60_000, () => fired++)
    const [now, monotonic] = [clock.now(), clock.monotonic()]
    clock.adjust(-hourMs)
    expect(clock.now() - now).toBeLessThan(1000 - hourMs)
    expect(clock.monotonic() - monotonic).toBeGreaterThanOrEqual(0)
    expect(clock.monotonic() - monotonic).toBeLessThan(1000)
    clock.advance('59s')
    expect(fired).toBe(0)
    clock.advance('2s')
    expect(fired).toBe(1)
  })

  it('advances both times', () => {
    const clock = make()
    const [now, monotonic] = [clock.now(), clock.monotonic()]
    clock.advance('1h')
    expect(clock.now() - now).toBeGreaterThanOrEqual(hourMs - 1)
    expect(clock.monotonic() - monotonic).toBeGreaterThanOrEqual(hourMs - 1)
  })
})

describe('systemClock', () => {
  it('never fires before the time by which it measures', async () => {
    const delays = Array.from({ length: 200 }, (_, index) => index / 10)
    const early = await Promise.all(
      delays.map(
        (delayMs) =>
          new Promise<boolean>((resolve) => {
            const dueMs = systemClock.monotonic() + delayMs
            systemClock.schedule(delayMs, () => resolve(systemClock.monotonic() < dueMs))
          }),
      ),
    )
    expect(early.filter(Boolean)).toEqual([])
  })
})
