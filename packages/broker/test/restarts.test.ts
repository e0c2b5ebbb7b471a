import fc from 'fast-check'
import { expect, it } from 'vitest'
import { engineStep, type EngineStep, SteppedEngine } from './engine-steps.ts'

/** Asks two engines the same; one of them restarts at the marked steps. */
async function compare(steps: readonly { readonly step: EngineStep; readonly restarts: boolean }[]): Promise<void> {
  const [steady, restarted] = [new SteppedEngine(), new SteppedEngine()]
  await Promise.all([steady.open(), restarted.open()])
  for (const { step, restarts } of steps) {
    expect(await restarted.take(step), `the answer to ${JSON.stringify(step)}`).toBe(await steady.take(step))
    if (!restarts) continue
    await restarted.restart()
    expect(await restarted.state(), `after ${JSON.stringify(step)}`).toBe(await steady.state())
  }
  await restarted.restart()
  expect(await restarted.state()).toBe(await steady.state())
  await Promise.all([steady.close(), restarted.close()])
}

/** These sequences take about 10 s. */
const numRuns = 150

const taken = fc.record({ step: engineStep, restarts: fc.boolean() })

it('an engine that was started anew is in the state in which it ended, whatever was done to it', async () => {
  await fc.assert(fc.asyncProperty(fc.array(taken, { minLength: 10, maxLength: 80 }), compare), { numRuns })
})
