import { join } from 'node:path'
import { memory } from '@kafkado/broker'
import { serve } from '@kafkado/server/node'
import { median, rounds } from '../median.ts'
import { measureStart, type Start } from './measure-start.ts'
import { bareNode, subjects } from './subjects.ts'

const here = join(import.meta.dirname, '..', '..')

/**
 * What processes need from their start until they have imported a package, or produced and consumed a record. It runs
 * the built packages, so it needs `npm run build` before. `KAFKADO_BENCH_AGAINST=FOLDER` measures those of another
 * checkout in turn.
 */
export async function benchmarkStartup(): Promise<void> {
  const other = process.env['KAFKADO_BENCH_AGAINST']
  const checkouts = other === undefined ? [here] : [other, here]
  const engine = memory()
  const server = await serve({ transport: engine, port: 0 })
  const starts = checkouts.map(() => new Map<string, Start[]>())
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const [name, subject] of Object.entries(subjects)) {
        for (const [index, checkout] of checkouts.entries()) {
          const start = await measureStart(checkout, subject, server.url)
          // The first round warms the caches of the file system.
          if (round > 0) starts[index]?.set(name, [...(starts[index].get(name) ?? []), start])
        }
      }
    }
  } finally {
    await server.close()
    await engine.close()
  }
  print(checkouts, starts)
}

function print(checkouts: readonly string[], starts: readonly Map<string, Start[]>[]): void {
  console.log(`\nFrom the start of a process, over bare Node (its own figures in the first row); medians of ${rounds}`)
  const heads = ['CPU ms', 'ms', 'MB'].map((head) => head.padStart(9)).join('')
  console.log(' '.repeat(30) + checkouts.map(() => heads).join('   →'))
  for (const name of Object.keys(subjects)) {
    const cells = starts.map((found) => {
      const of = (field: keyof Start): string => {
        const value = middle(found.get(name), field)
        return (name === bareNode ? value : value - middle(found.get(bareNode), field)).toFixed(0).padStart(9)
      }
      return of('cpuMs') + of('elapsedMs') + of('megabytes')
    })
    console.log(name.padEnd(30) + cells.join('   →'))
  }
}

function middle(starts: readonly Start[] = [], field: keyof Start): number {
  return median(starts.map((one) => one[field]))
}
