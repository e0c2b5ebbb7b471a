// A process: counts how often each block of the sources runs while a scenario works, once for 100 elements and once for
// four times as many, and prints both as JSON. Such counts say the same on any machine, however much else it has to do.
import { Session } from 'node:inspector/promises'
import { open, type Scenario, scenarios } from './scenarios.ts'

const size = 100

const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })

const counted: Record<string, readonly [number, number]> = {}
for (const [name, scenario] of Object.entries(scenarios)) {
  // What is loaded and made once is not counted.
  await blocksOf(scenario, size)
  counted[name] = [await blocksOf(scenario, size), await blocksOf(scenario, 4 * size)]
}
process.stdout.write(JSON.stringify(counted))

async function blocksOf(scenario: Scenario, elements: number): Promise<number> {
  const opened = open()
  try {
    await scenario.prepare?.(opened, elements)
    await takeBlocks()
    await scenario.work(opened, elements)
    return await takeBlocks()
  } finally {
    await opened.kafka.close()
  }
}

/** How often blocks ran since the last time. */
async function takeBlocks(): Promise<number> {
  const { result } = await session.post('Profiler.takePreciseCoverage')
  const ours = result.filter(({ url }) => /\/packages\/\w+\/src\//.test(url))
  return ours.reduce((sum, { functions }) => {
    for (const { ranges } of functions) for (const { count } of ranges) sum += count
    return sum
  }, 0)
}
