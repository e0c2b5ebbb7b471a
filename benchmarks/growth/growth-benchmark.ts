import { type Dimension, Meter } from './dimension.ts'
import { dimensions } from './dimensions.ts'

/** More than this from one step to the next, for each element, is worse than linear; less is noise. */
const tolerated = 1.5
/** Shorter work says more about the compiler than about the elements. */
const leastMicroseconds = 50_000

/** What each element costs as their number grows. */
export interface Curve {
  readonly dimension: string
  readonly what: string
  readonly unit: string
  readonly points: { size: number; cost: number; isLong: boolean }[]
}

/**
 * What each element costs as their number grows: a fixed cost shows as a fall, a linear one stays level, and what rises
 * is marked. `npm run bench -- growth partitions topics` chooses dimensions, `KAFKADO_BENCH_LARGEST=1000` ends earlier.
 *
 * @param keep is given the curves of each dimension, once they are measured
 */
export async function benchmarkGrowth(
  names: readonly string[],
  keep: (curves: readonly Curve[]) => void,
): Promise<void> {
  const unknown = names.filter((name) => !dimensions.some((dimension) => dimension.name === name))
  if (unknown.length > 0)
    throw new Error(
      `nothing grows as '${unknown.join("', '")}'; choose from ${dimensions.map(({ name }) => name).join(', ')}`,
    )
  for (const dimension of dimensions)
    if (names.length === 0 || names.includes(dimension.name)) keep(await measure(dimension))
}

async function measure(dimension: Dimension): Promise<readonly Curve[]> {
  const largest = Number(process.env['KAFKADO_BENCH_LARGEST'] ?? Number.POSITIVE_INFINITY)
  const sizes = dimension.sizes.filter((size, index) => index === 0 || size <= largest)
  console.log(`\n${dimension.name}: CPU time or memory for each element, and its ratio to the step before`)
  await dimension.run(sizes[0] as number, new Meter())
  const curves = new Map<string, Curve>()
  for (const size of sizes) {
    const meter = new Meter()
    await dimension.run(size, meter)
    for (const { what, elements, amount, unit } of meter.spent) {
      const curve = curves.get(what) ?? { dimension: dimension.name, what, unit, points: [] }
      curves.set(what, curve)
      const isLong = unit === 'bytes' || amount >= leastMicroseconds
      curve.points.push({ size, cost: amount / elements, isLong })
      printStep(curve)
    }
  }
  return [...curves.values()]
}

function printStep({ what, unit, points }: Curve): void {
  const [last, earlier] = [points.at(-1), points.at(-2)]
  if (!last) return
  const ratio = earlier && last.cost / earlier.cost
  const isWorse = ratio !== undefined && ratio > tolerated && last.isLong && earlier?.isLong === true
  const cells = [
    last.size.toLocaleString('en').padStart(9),
    what.padEnd(36),
    `${last.cost.toFixed(2)} ${unit}`.padStart(18),
    (ratio === undefined ? '' : `${ratio.toFixed(2)}×`).padStart(9),
  ]
  console.log(cells.join('  ') + (isWorse ? '  WORSE THAN LINEAR' : ''))
}
