import * as fc from 'fast-check'
import { it } from 'vitest'
import { ConsumerFleet, kinds, type Step } from './consumer-fleet.ts'

const pick = fc.nat(50)

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('join' as const), as: fc.constantFrom(...kinds) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('produce' as const),
      partition: fc.nat(1),
      count: fc.integer({ min: 1, max: 8 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), byMs: fc.integer({ min: 1, max: 4000 }) }),
  },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('finish' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('fail' as const, 'close' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('cut' as const, 'restore' as const), pick }) },
)

const runs = Number(process.env['KAFKADO_PROPERTY_RUNS'] ?? (process.env['CI'] ? 1000 : 300))

it(
  `commits nothing that was not handled, through any completions, revocations and crashes: ${runs} runs`,
  { timeout: runs * 1000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80 }), async (steps) => {
        const fleet = new ConsumerFleet()
        try {
          await fleet.carryOut({ kind: 'produce', partition: 0, count: 4 })
          await fleet.carryOut({ kind: 'join', as: 'key' })
          for (const one of steps) await fleet.carryOut(one)
          await fleet.heal()
        } finally {
          await fleet.close()
        }
      }),
      { numRuns: runs },
    )
  },
)
