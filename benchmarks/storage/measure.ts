import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { RecordBatchBuilder } from '@kafkado/core/internal'
import { type Measurement, type Scenario, scenarios, subjects } from './scenarios.ts'

/** One measurement in a process of its own, so that no subject works on what another has left in memory; the first half only warms up. */
const [subjectName = '', scenarioName = ''] = process.argv.slice(2)
const scenario = scenarios.find(({ name }) => name === scenarioName) as Scenario
await measure(Math.ceil(scenario.appends / 2))
console.log(JSON.stringify(await measure(scenario.appends)))

async function measure(appends: number): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-bench-'))
  const subject = await (subjects[subjectName] as NonNullable<(typeof subjects)[string]>)(folder, scenario.partitions)
  const batch = batchOf(scenario.records)
  let left = appends
  const appendUntilDone = async (): Promise<void> => {
    while (left-- > 0) await subject.append(batch)
  }
  const appending = performance.now()
  await Promise.all(Array.from({ length: scenario.inFlight }, appendUntilDone))
  const appendsPerSecond = (appends / (performance.now() - appending)) * 1000
  const reading = performance.now()
  let bytes = 0
  while (performance.now() - reading < 300) bytes += await subject.readAll()
  const bytesReadPerSecond = (bytes / (performance.now() - reading)) * 1000
  await subject.close()
  await rm(folder, { recursive: true })
  return { appendsPerSecond, bytesReadPerSecond }
}

function batchOf(records: number): Uint8Array {
  const builder = new RecordBatchBuilder()
  for (let index = 0; index < records; index++)
    builder.append({ timestamp: Date.UTC(2026, 10, 24), key: `key-${index}`, value: 'x'.repeat(190), headers: [] })
  return builder.build() as Uint8Array
}
