import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { fromSource, runProcess } from '../processes/child-processes.ts'
import { scenarios } from './scenarios.ts'

const script = fileURLToPath(new URL('count-work.ts', import.meta.url))

/** `npm run bench -- growth` has the times, for up to 100,000 elements. */
describe('the work for four times as much', () => {
  let counted: Record<string, readonly [number, number]>

  beforeAll(async () => {
    // Coverage of the process itself would take the counts away.
    const { NODE_V8_COVERAGE: _, ...env } = process.env
    const { output, errors } = await runProcess(process.execPath, [fromSource, script], { env })
    expect(errors).toBe('')
    counted = JSON.parse(output) as typeof counted
  })

  it.each(Object.entries(scenarios))('grows no faster than it may: %s', (name, { atMost }) => {
    const [before, after] = counted[name] ?? [0, 0]
    expect(before).toBeGreaterThan(10)
    expect(after / before).toBeLessThan(atMost)
  })
})
