import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { batchOf } from './sample-batch.ts'
import { type Measurement, type Scenario, scenarios, subjects } from './scenarios.ts'
import type { StorageSubject } from './subject.ts'

/**
 * A subject in a process of its own, so that none works on what another has left in memory. It measures a round each
 * time that it is asked to, so that rounds of several subjects take turns, and ends with its parent.
 */
const [subjectName = '', scenarioName = ''] = process.argv.slice(2)
const scenario = scenarios.find(({ name }) => name === scenarioName) as Scenario
const folder = await mkdtemp(join(tmpdir(), 'kafkado-bench-'))
const open = subjects[subjectName] as NonNullable<(typeof subjects)[string]>
const subject = await open(folder, scenario.partitions)
const batch = batchOf(scenario.records)
const appendMs = 400
const readMs = 250
/** Until then what is measured is mostly how code is compiled; but nobody waits longer for that. */
const [warmAppends, longestWarmUpMs] = [4000, 3000]
if (scenario.tails) subject.tail?.(scenario.tails)
const warmUntilMs = performance.now() + longestWarmUpMs
for (let appends = 0; appends < warmAppends && performance.now() < warmUntilMs;)
  appends += await appendFor(appendMs / 4)

process.on('message', (message) => {
  if (message === 'measure') void measure().then((measured) => process.send?.(measured))
  else
    void subject
      .close()
      .then(() => rm(folder, { recursive: true }))
      .then(() => process.disconnect())
})
process.send?.('ready')

async function measure(): Promise<Measurement> {
  const [cpu, syncs, written, start] = [process.cpuUsage(), subject.syncs, writtenBytes(), performance.now()]
  const appends = await appendFor(appendMs)
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return {
    appendsPerSecond: appends / seconds,
    cpuUsPerAppend: (user + system) / appends,
    syncsPerAppend: syncs === undefined ? undefined : ((subject.syncs ?? 0) - syncs) / appends,
    writtenPerByte: written === undefined ? undefined : ((writtenBytes() ?? 0) - written) / (appends * batch.length),
    bytesReadPerSecond: scenario.isRead ? await readFor(subject, readMs) : undefined,
  }
}

/** Returns how many appends there were. */
async function appendFor(ms: number): Promise<number> {
  const end = performance.now() + ms
  let appends = 0
  const append = async (): Promise<void> => {
    for (; performance.now() < end; appends++) await subject.append(batch)
  }
  await Promise.all(Array.from({ length: scenario.inFlight }, append))
  return appends
}

async function readFor(read: StorageSubject, ms: number): Promise<number> {
  const start = performance.now()
  let bytes = 0
  while (performance.now() - start < ms) bytes += await read.readAll()
  return (bytes / (performance.now() - start)) * 1000
}

/**
 * What it has written by its own count, else what the system says of the process. That counts whole folios: short
 * writes into what is in memory as a large one would seem to be many times as long.
 */
function writtenBytes(): number | undefined {
  if (subject.writtenBytes !== undefined) return subject.writtenBytes
  try {
    return Number(/^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
  } catch {
    return undefined
  }
}
