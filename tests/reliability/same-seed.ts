import { fileURLToPath } from 'node:url'
import { fromSource, runProcess } from '../processes/child-processes.ts'
import { type Part, ReportBuilder, type Sized } from './report.ts'

const hashesFile = fileURLToPath(new URL('seed-hashes.ts', import.meta.url))

/**
 * The simulation of the same seeds in two processes, in the one from the last seed to the first: each seed has the same
 * history in both.
 */
export const sameSeed: Part<Sized> = {
  sizes: {
    full: { seeds: { first: 1, last: 200 } },
    ci: { seeds: { first: 1, last: 10 } },
    quick: { seeds: { first: 1, last: 3 } },
  },
  async run({ seeds }) {
    const report = new ReportBuilder(seeds)
    const all = Array.from({ length: seeds.last - seeds.first + 1 }, (_, index) => seeds.first + index)
    const [forwards, backwards] = await Promise.all([hashesOf(all), hashesOf(all.toReversed())])
    for (const seed of all) {
      const [once, twice] = [forwards.get(seed), backwards.get(seed)]
      if (once === undefined || once !== twice) report.violations.push(`seed ${seed}: ${once}, then ${twice}`)
    }
    report.add({ seeds: all.length, 'different histories': new Set(forwards.values()).size })
    return report.build()
  },
}

/** @throws when the simulation itself fails */
async function hashesOf(seeds: readonly number[]): Promise<Map<number, string>> {
  const { code, output, errors } = await runProcess(process.execPath, [fromSource, hashesFile, ...seeds.map(String)])
  if (code !== 0) throw new Error(`the simulation ended with ${code}: ${errors}`)
  const lines = output.trim().split('\n')
  return new Map(lines.map((line) => line.split(' ') as [string, string]).map(([seed, hash]) => [Number(seed), hash]))
}
