import { type JournalOptions, JournalStorage } from '@kafkado/broker/disk'
import type { Storage } from '@kafkado/broker/storage'
import { type Clock, type Random, seededRandom } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { ModelledWork } from './modelled-work.ts'
import { type DiskCall, type FolderHooks, SimulatedFolder } from './simulated-folder.ts'

/** Files of a few KB, so that they are begun, cleaned and removed all the time. */
export const smallLimits: NonNullable<JournalOptions['limits']> = {
  fileBytes: () => 12_000,
  zerosAheadBytes: 3000,
  newRows: 60,
  newMetadata: 3000,
  minReclaimedBytes: 2000,
}

/**
 * What goes wrong in a run, once; but a disk that is full stays so. What has no room now and then is noticed by nobody.
 */
export const journalFaults = [
  'none',
  'sync',
  'write',
  'full',
  'no room for a checkpoint',
  'no room for a note',
] as const
type Fault = (typeof journalFaults)[number]

export interface CutCounts {
  cuts: number
  kills: number
  'second cuts': number
  'runs with a fault': number
}

/** What a disk holds at some moment, and what was known by then. */
interface Remains {
  readonly name: string
  readonly left: Map<string, Buffer>
  /** So many tasks have been acknowledged, and so many handed over, in their order. */
  readonly acknowledged: number
  readonly handedOver: number
}

/**
 * Gives a journal work on a simulated disk, and looks at what is left when the power is cut, or the process killed, at
 * moments by chance: that is what was acknowledged, or something that was handed over after it, whole and in its order.
 * Then goes on with it, and cuts again.
 */
export class JournalCuts {
  readonly violations: string[] = []
  readonly counts: CutCounts = { cuts: 0, kills: 0, 'second cuts': 0, 'runs with a fault': 0 }
  readonly #random: Random
  readonly #name: string
  readonly #isLying: boolean
  readonly #cutChance: number

  constructor(seed: number, { isLying = false, cutChance = 0.06 } = {}) {
    this.#random = seededRandom(seed)
    this.#name = `seed ${seed}`
    this.#isLying = isLying
    this.#cutChance = cutChance
  }

  async run(fault: Fault, tasks: number): Promise<void> {
    const work = new ModelledWork(this.#random)
    await this.#generation(work, { left: new Map(), fault, tasks, depth: 0 })
  }

  /** Goes on with what is there; looks at it at some moments, and goes on with some of that. */
  async #generation(
    work: ModelledWork,
    { left, fault, tasks, depth }: { left: Map<string, Buffer>; fault: Fault; tasks: number; depth: number },
  ): Promise<void> {
    const known = work.tasks.length
    const progress = { acknowledged: known, handedOver: known }
    const remains: Remains[] = []
    let steps = 0
    const look = (): void => {
      steps++
      if (this.#random.next() >= this.#cutChance) return
      const isKill = this.#random.next() < 0.15
      if (isKill) this.counts.kills++
      else this.counts.cuts++
      if (depth > 0) this.counts['second cuts']++
      const found = isKill ? folder.contents() : folder.disk.afterPowerCut(this.#random)
      const name = `${this.#name}, depth ${depth}, ${isKill ? 'kill' : 'cut'} at step ${steps}`
      remains.push({ name, left: found, ...progress })
    }
    const folder = new SimulatedFolder(this.#random, { onStep: look, ...this.#faults(fault) }, left, this.#isLying)
    await this.#work(folder, work, tasks, progress, fault !== 'none' && !fault.startsWith('no room'))
    for (const one of remains) {
      const count = await this.#check(work, one)
      if (count === undefined || depth > 1 || this.#random.next() > 0.1) continue
      const again = new ModelledWork(this.#random)
      again.adopt(work, count)
      await this.#generation(again, { left: one.left, fault: 'none', tasks: 12, depth: depth + 1 })
    }
  }

  async #work(
    folder: SimulatedFolder,
    work: ModelledWork,
    tasks: number,
    progress: { acknowledged: number; handedOver: number },
    mayFail: boolean,
  ): Promise<void> {
    const storage = open(folder, this.#random)
    try {
      await storage.open()
      await this.#give(storage, work, tasks, progress)
      const [expected, found] = [await work.expected(progress.acknowledged), work.contents(storage)]
      if (expected !== found) this.#wrong(`at the end ${difference(expected, found)}`)
      await storage.close()
    } catch (error) {
      if (!mayFail) this.#wrong(`failed: ${String((error as Error).stack)}`)
      this.counts['runs with a fault']++
      await storage.close().catch(() => undefined)
    }
  }

  /** Many tasks at once, in their order. */
  async #give(
    storage: Storage,
    work: ModelledWork,
    tasks: number,
    progress: { acknowledged: number; handedOver: number },
  ): Promise<void> {
    const pending: Promise<unknown>[] = []
    const give = (): void => {
      const task = work.tasks[progress.handedOver++]!
      const number = progress.handedOver
      const carried = task.carryOut(storage).then(() => {
        if (progress.acknowledged !== number - 1) this.#wrong(`task ${number} is acknowledged out of its order`)
        progress.acknowledged = number
      })
      pending.push(carried)
      carried.catch(() => undefined)
    }
    for (let left = tasks; left > 0; left--) {
      if (this.#random.next() < 0.1) {
        await Promise.all(pending.splice(0))
        work.removal()
      } else work.unit()
      give()
      if (this.#random.next() < 0.1) {
        const reclaiming = storage.reclaim()
        reclaiming.catch(() => undefined)
        pending.push(reclaiming)
      }
      if (this.#random.next() < 0.3) await new Promise((next) => setImmediate(next))
      if (this.#random.next() < 0.2) await Promise.all(pending.splice(0))
    }
    await Promise.all(pending)
  }

  /** What is left is that of a number of tasks that may be; returns it. */
  async #check(work: ModelledWork, { name, left, acknowledged, handedOver }: Remains): Promise<number | undefined> {
    const storage = open(new SimulatedFolder(this.#random, {}, left), this.#random)
    try {
      await storage.open()
      const found = work.contents(storage)
      const said = storage.readMetadata('producerIds')[0]?.value?.next ?? 0
      for (let count = acknowledged; count <= handedOver; count++) {
        if (work.numberAt(count) === said && (await work.expected(count)) === found) return count
      }
      const expected = await work.expected(acknowledged)
      this.#wrong(
        `${name}: unit ${said} is there, ${acknowledged} of ${handedOver} tasks are acknowledged ` +
          `(unit ${work.numberAt(acknowledged)}); ${difference(expected, found)}`,
      )
    } catch (error) {
      this.#wrong(`${name}: ${String((error as Error).stack)}`)
    } finally {
      await storage.close()
    }
    return undefined
  }

  #faults(fault: Fault): FolderHooks {
    if (fault === 'none') return {}
    if (fault === 'no room for a checkpoint') return { fault: (call, name) => this.#noRoomFor(call, name) }
    if (fault === 'no room for a note') return { fault: (call) => (call === 'note' ? this.#noRoom() : undefined) }
    let left = 5 + Math.floor(this.#random.next() * 60)
    const concerned: readonly DiskCall[] =
      fault === 'sync' ? ['append', 'sync', 'sync names'] : ['append', 'write', 'create', 'rename', 'truncate']
    return {
      fault: (call) => {
        if (!concerned.includes(call) || --left > 0) return undefined
        // A full disk stays full; another fault comes once, and a second try would seem to succeed.
        if (left < 0 && fault !== 'full') return undefined
        const code = fault === 'full' ? 'ENOSPC' : 'EIO'
        return { error: Object.assign(new Error(`${code}: ${call}`), { code }), writtenBytes: this.#below(2000) }
      },
    }
  }

  #noRoomFor(call: DiskCall, name: string): { error: Error } | undefined {
    const isConcerned = name.endsWith('.checkpoint.new') && (call === 'write' || call === 'create')
    return isConcerned ? this.#noRoom() : undefined
  }

  #noRoom(): { error: Error } | undefined {
    if (this.#random.next() > 0.2) return undefined
    this.counts['runs with a fault']++
    return { error: Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }) }
  }

  #below(end: number): number {
    return Math.floor(this.#random.next() * end)
  }

  #wrong(what: string): void {
    this.violations.push(`${this.#name}: ${what}`)
  }
}

export function open(folder: SimulatedFolder, random: Random): JournalStorage {
  return new JournalStorage('simulated', {
    disk: folder,
    limits: smallLimits,
    runtime: { clock: clockOf(random), random },
  })
}

/** Time passes by chance, so the disk is now faster than the event loop, now slower: the journal acts accordingly. */
function clockOf(random: Random): Clock {
  const clock = new ManualClock()
  let elapsedMs = 0
  return {
    now: () => clock.now(),
    monotonic: () => (elapsedMs += random.next()),
    schedule: (delayMs, action) => clock.schedule(delayMs, action),
  }
}

function difference(expected: string, found: string): string {
  let at = 0
  while (at < expected.length && expected[at] === found[at]) at++
  const near = (text: string): string => text.slice(Math.max(at - 30, 0), at + 50)
  return `expected …${near(expected)}…, found …${near(found)}…`
}
