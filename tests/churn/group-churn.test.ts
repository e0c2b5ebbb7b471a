import { describe, expect, it } from 'vitest'
import { GroupChurn } from './group-churn.ts'

const events = Number(process.env['KAFKADO_CHURN_EVENTS'] ?? 500)

describe('three consumers that join, leave and crash at random', () => {
  it.each([1, 2, 3])(
    `never share a partition, process every record, and commit only what is processed (${events} events, seed %d)`,
    async (seed) => {
      const churn = new GroupChurn(seed)
      for (let event = 0; event < events; event++) await churn.step()
      await churn.finish()
      expect(churn.violations).toEqual([])
      for (const kind of ['join', 'leave', 'crash', 'produce']) expect(churn.events.get(kind)).toBeGreaterThan(0)
      console.log(
        `seed ${seed}: ${[...churn.events].map(([kind, count]) => `${count} ${kind}`).join(', ')}; ${churn.produced} records, ${churn.repeated} processed again`,
      )
    },
    120_000,
  )
})
