import { performance } from 'node:perf_hooks'
import { EngineLog } from './engine-log.ts'
import { batchOf } from './sample-batch.ts'

/** What opening a folder takes; in a process of its own, so that nothing of it is in memory. */
export interface OpenedFolder {
  readonly openMs: number
  readonly openCpuMs: number
  readonly appendMs: number
  /** The heap and what is outside of it, more than before. */
  readonly openMegabytes: number
  readonly readMegabytes: number
}

const batch = batchOf(1)
const before = heldBytes()
const [cpu, start] = [process.cpuUsage(), performance.now()]
const opened = await EngineLog.open(process.argv[2] as string, 'journal')
const openMs = performance.now() - start
const { user, system } = process.cpuUsage(cpu)
const openMegabytes = (heldBytes() - before) / 1e6
const appending = performance.now()
await opened.append(batch)
const appendMs = performance.now() - appending
await opened.readAllOver(200)
const readMegabytes = (heldBytes() - before) / 1e6
await opened.close()
const found: OpenedFolder = { openMs, openCpuMs: (user + system) / 1000, appendMs, openMegabytes, readMegabytes }
console.log(JSON.stringify(found))

function heldBytes(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
