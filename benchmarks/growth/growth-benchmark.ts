import { Meter } from './dimension.ts'
import { dimensions } from './dimensions.ts'

/** More than this from one step to the next, for each element, is worse than linear; less is noise. */
const tolerated = 1.5
/** Shorter work says more about the compiler than about the elements. */
const leastMicroseconds = 50_000

/**
 * What each element costs as their number grows: a fixed cost shows as a fall, a linear one stays level, and what rises
 * is marked. `KAFKADO_BENCH_GROWTH=partitions,topics` chooses dimensions, `KAFKADO_BENCH_LARGEST=1000` ends earlier.
 */
export async function benchmarkGrowth(): Promise<void> {
  const chosen = process.env['KAFKADO_BENCH_GROWTH']?.split(',')
  const largest = Number(process.env['KAFKADO_BENCH_LARGEST'] ?? Number.POSITIVE_INFINITY)
  for (const dimension of dimensions) {
    if (chosen && !chosen.includes(dimension.name)) continue
    const sizes = dimension.sizes.filter((size, index) => index === 0 || size <= largest)
    console.log(`\n${dimension.name}: CPU time or memory for each element, and its ratio to the step before`)
    await dimension.run(sizes[0] as number, new Meter())
    const before = new Map<string, { cost: number; isLong: boolean }>()
    for (const size of sizes) {
      const meter = new Meter()
      await dimension.run(size, meter)
      for (const { what, elements, amount, unit } of meter.spent) {
        const cost = amount / elements
        const isLong = unit === 'bytes' || amount >= leastMicroseconds
        const earlier = before.get(what)
        const ratio = earlier && cost / earlier.cost
        const isWorse = ratio !== undefined && ratio > tolerated && isLong && earlier?.isLong === true
        const cells = [
          size.toLocaleString('en').padStart(9),
          what.padEnd(36),
          `${cost.toFixed(2)} ${unit}`.padStart(18),
          (ratio === undefined ? '' : `${ratio.toFixed(2)}×`).padStart(9),
        ]
        console.log(cells.join('  ') + (isWorse ? '  WORSE THAN LINEAR' : ''))
        before.set(what, { cost, isLong })
      }
    }
  }
}
