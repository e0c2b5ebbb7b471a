import { type Part, ReportBuilder, type Sized } from '../reliability/report.ts'
import { GroupChurn } from './group-churn.ts'

interface SimulatedChurnSize extends Sized {
  readonly eventsPerSeed: number
}

/** Three consumers that join, leave and crash at random, on a clock that is moved. */
export const simulatedChurn: Part<SimulatedChurnSize> = {
  sizes: {
    full: { seeds: { first: 1, last: 20 }, eventsPerSeed: 500 },
    ci: { seeds: { first: 1, last: 3 }, eventsPerSeed: 500 },
    quick: { seeds: { first: 1, last: 3 }, eventsPerSeed: 500 },
  },
  async run({ seeds, eventsPerSeed }) {
    const report = new ReportBuilder(seeds)
    await report.eachSeed(async (seed) => {
      const churn = new GroupChurn(seed)
      for (let event = 0; event < eventsPerSeed; event++) await churn.step()
      await churn.finish()
      report.violations.push(...churn.violations.map((what) => `seed ${seed}: ${what}`))
      const count = (kind: string): number => churn.events.get(kind) ?? 0
      report.add({
        events: eventsPerSeed,
        joins: count('join'),
        leaves: count('leave'),
        crashes: count('crash'),
        'records processed': churn.produced,
        'records processed again': churn.repeated,
      })
    })
    return report.build()
  },
}
