import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { type Random, seededRandom } from '@kafkado/core'
import type { StateStorage } from '@kafkado/streams'
import { platform } from '@kafkado/streams/internal'
import { median, rounds } from '../median.ts'

const keys = Number(process.env['KAFKADO_BENCH_KEYS'] ?? 200_000)
/** As a flush of a task writes them. */
const perWrite = 20_000
const encoder = new TextEncoder()

const keyOf = (index: number): Uint8Array => encoder.encode(`customer-${String(index).padStart(10, '0')}`)

function valueOf(index: number, round: number): Uint8Array {
  return encoder.encode(`12345678{"customerId":"customer-${index}","total":${index * 7 + round},"count":${round}}`)
}

interface Spent {
  readonly processorMs: number
  readonly ms: number
}

type Step = 'puts' | 'updates' | 'open' | 'hits' | 'misses' | 'entries'
const steps: readonly Step[] = ['puts', 'updates', 'open', 'hits', 'misses', 'entries']

/** What the stores of a task in a folder cost, of the processor and of the time. */
export async function benchmarkState(): Promise<void> {
  const found = new Map(steps.map((step) => [step, [] as Spent[]]))
  for (let round = 0; round < rounds; round++)
    await measureAll(seededRandom(round), (step, spent) => found.get(step)?.push(spent))
  console.log(`\nstate in a folder: ${keys} keys (medians of ${rounds} rounds)`)
  console.log(`  ${''.padEnd(8)} ${'µs of the processor'.padStart(20)} ${'ms for all'.padStart(12)}`)
  for (const [step, all] of found) {
    const perKey = (median(all.map(({ processorMs }) => processorMs)) * 1000) / keys
    const ms = median(all.map((spent) => spent.ms))
    console.log(`  ${step.padEnd(8)} ${perKey.toFixed(2).padStart(20)} ${ms.toFixed(0).padStart(12)}`)
  }
}

async function measureAll(random: Random, note: (step: Step, spent: Spent) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-bench-'))
  const open = platform.stateStorageIn(folder, seededRandom(1))
  const measured = async <T>(step: Step, work: () => Promise<T> | T): Promise<T> => {
    const [start, before] = [performance.now(), process.cpuUsage()]
    const result = await work()
    const { user, system } = process.cpuUsage(before)
    note(step, { processorMs: (user + system) / 1000, ms: performance.now() - start })
    return result
  }
  const anyKey = (): number => Math.floor(random.next() * keys)
  try {
    let storage = await open('0_0')
    await measured('puts', () => write(storage, (index) => index, 0))
    await measured('updates', () => write(storage, anyKey, 1))
    await storage.close()
    storage = await measured('open', () => open('0_0'))
    const table = storage.table('store')
    const present = Array.from({ length: keys }, () => keyOf(anyKey()))
    const absent = Array.from({ length: keys }, (_, index) => keyOf(keys + index))
    const count = (wanted: readonly Uint8Array[]): number => wanted.filter((key) => table.get(key)).length
    expectCount(await measured('hits', () => count(present)), keys)
    expectCount(await measured('misses', () => count(absent)), 0)
    expectCount(await measured('entries', () => countOf(table.entries())), keys)
    await storage.close()
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function write(storage: StateStorage, indexOf: (at: number) => number, round: number): Promise<void> {
  for (let start = 0; start < keys; start += perWrite) {
    const changes = Array.from({ length: Math.min(perWrite, keys - start) }, (_, at) => {
      const index = indexOf(start + at)
      return { store: 'store', key: keyOf(index), value: valueOf(index, round) }
    })
    await storage.write(changes, { store: { offset: round * keys + start, observedTime: 0 } })
  }
}

function countOf(entries: Iterable<unknown>): number {
  let count = 0
  for (const _ of entries) count++
  return count
}

function expectCount(found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`there are ${found} instead of ${wanted}`)
}
