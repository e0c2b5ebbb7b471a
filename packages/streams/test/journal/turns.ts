import { yieldToEventLoop } from '@kafkado/core/internal'
import type { Random } from '@kafkado/core'
import type { JournalFile, JournalFolder } from '../../src/state/journal/journal-folder.ts'
import type { MemoryDisk } from './memory-disk.ts'

/** Says whose turn it is, of processes that are numbered from 0. */
export type NextProcess = () => number

/** Each may stand still for long. */
export function byChance(random: Random, processes: number): NextProcess {
  let current = 0
  return () => {
    if (random.next() < 0.1) current = Math.floor(random.next() * processes)
    return current
  }
}

/** Each in its order so many times, and then the last one. */
export function inOrder(turns: readonly (readonly [process: number, times: number])[], last: number): NextProcess {
  const left = turns.map(([process, times]) => ({ process, times }))
  return () => {
    const one = left.find(({ times }) => times > 0)
    if (one) one.times--
    return one?.process ?? last
  }
}

let folders = 0
const waited = ['names', 'open', 'create', 'rename', 'remove', 'sync'] as const
const waitedOfFiles = ['length', 'write', 'read', 'truncate', 'sync', 'close'] as const

type Waiting = readonly [process: number, go: () => void]

/** Has processes go on by turns, from one thing that they ask of the disk to the next. */
export class Turns {
  readonly #next: NextProcess
  readonly #waiting: Waiting[] = []
  /** How many turns each has had. */
  readonly had: number[] = []

  constructor(next: NextProcess) {
    this.#next = next
  }

  folder(disk: MemoryDisk, process: number): JournalFolder {
    const turn = (): Promise<void> => new Promise((resolve) => this.#waiting.push([process, resolve]))
    const gated = <T extends object>(object: T, names: readonly (keyof T)[]): T => {
      const methods = names.map((name) => {
        const method = object[name] as (...given: unknown[]) => Promise<unknown>
        return [name, (...given: unknown[]) => turn().then(() => method.apply(object, given))]
      })
      return Object.assign(Object.create(object) as T, Object.fromEntries(methods))
    }
    const file = (opened: JournalFile): JournalFile => gated(opened, waitedOfFiles)
    const folder = disk.folder(`/turns-${folders++}`)
    return Object.assign(gated(folder, waited), {
      open: async (name: string) => {
        await turn()
        return file(await folder.open(name))
      },
      create: async (name: string) => {
        await turn()
        const made = await folder.create(name)
        return made && file(made)
      },
    })
  }

  /** Until that is settled. */
  async until(work: Promise<unknown>): Promise<void> {
    let isOver = false
    const end = (): void => void (isOver = true)
    work.then(end, end)
    while (!isOver) {
      for (let turns = 0; turns < 2; turns++) await yieldToEventLoop()
      if (this.#waiting.length === 0) continue
      const current = this.#next()
      const own = this.#waiting.findIndex(([process]) => process === current)
      const [process, go] = this.#waiting.splice(Math.max(own, 0), 1)[0] as Waiting
      this.had[process] = (this.had[process] ?? 0) + 1
      go()
    }
  }
}
