import { startSpending } from '../../kafka/spending.ts'
import type { Figures } from '../comparison.ts'

/** Measures a round each time that the parent asks for it, and ends with it. */
export function answerRounds(
  measure: () => Promise<Figures>,
  close: () => Promise<unknown> = async () => undefined,
): void {
  process.on('message', (message) => {
    // A round that fails ends this process, which the parent tells.
    if (message === 'measure') void measure().then((figures) => process.send?.(figures))
    else void close().then(() => process.disconnect())
  })
  process.send?.('ready')
}

/** What `records` take, of the time and of the processor. */
export async function spentOn(records: number, act: () => Promise<void> | void): Promise<Figures> {
  const spent = startSpending()
  await act()
  const { seconds, cpuSeconds } = spent()
  return { recordsPerSecond: records / seconds, cpuUs: (cpuSeconds * 1e6) / records }
}

const [steady, mostPasses] = [0.1, 10]

/**
 * Passes of the work until two in a row cost about the same: a busy machine compiles hot code late, and what ran before
 * would say more about that.
 */
export async function warmUp(pass: () => Promise<Figures>, figure = 'cpuUs'): Promise<void> {
  let before = Number.POSITIVE_INFINITY
  for (let passes = 0; passes < mostPasses; passes++) {
    const { [figure]: cost = 0 } = await pass()
    if (Math.abs(before - cost) <= steady * cost) return
    before = cost
  }
}
