import { yieldToEventLoop } from '@kafkado/core/internal'
import type { Random } from '@kafkado/core'
import type { JournalFile, JournalFolder } from '../../src/state/journal/journal-folder.ts'
import type { MemoryDisk } from './memory-disk.ts'

/** The next request of a process to the disk. */
export type Asked = readonly [process: number, name: string]

/** Chooses whose turn it is; processes are numbered from 0. */
export type NextProcess = (waiting: readonly Asked[]) => number

/** Each process may stand still for long. */
export function byChance(random: Random, processes: number): NextProcess {
  let current = 0
  return () => {
    if (random.next() < 0.1) current = Math.floor(random.next() * processes)
    return current
  }
}

/** Each process in order, that many times or until a certain request; and then the last one. */
export function inOrder(
  turns: readonly (readonly [process: number, until: number | string])[],
  last: number,
): NextProcess {
  const left = [...turns]
  let times = 0
  return (waiting) => {
    for (; left[0]; left.shift(), times = 0) {
      const [process, until] = left[0]
      const isOver =
        typeof until === 'number' ? times >= until : waiting.some(([one, name]) => one === process && name === until)
      if (isOver) continue
      times++
      return process
    }
    return last
  }
}

let folders = 0
const waited = ['names', 'open', 'create', 'rename', 'remove', 'sync'] as const
const waitedOfFiles = ['length', 'write', 'read', 'truncate', 'sync', 'close'] as const

interface Waiting {
  readonly asked: Asked
  readonly go: () => void
}

/** Lets processes run by turns, from one request to the disk to the next. */
export class Turns {
  readonly #next: NextProcess
  readonly #waiting: Waiting[] = []
  /** All requests, in the order of the turns. */
  readonly had: Asked[] = []

  constructor(next: NextProcess) {
    this.#next = next
  }

  folder(disk: MemoryDisk, process: number): JournalFolder {
    const turn = (name: string): Promise<void> =>
      new Promise((go) => this.#waiting.push({ asked: [process, name], go }))
    const gated = <T extends object>(object: T, names: readonly (keyof T)[]): T => {
      const methods = names.map((name) => {
        const method = object[name] as (...given: unknown[]) => Promise<unknown>
        return [name, (...given: unknown[]) => turn(String(name)).then(() => method.apply(object, given))]
      })
      return Object.assign(Object.create(object) as T, Object.fromEntries(methods))
    }
    const file = (opened: JournalFile): JournalFile => gated(opened, waitedOfFiles)
    const folder = disk.folder(`/turns-${folders++}`)
    return Object.assign(gated(folder, waited), {
      open: async (name: string) => {
        await turn('open')
        return file(await folder.open(name))
      },
      create: async (name: string) => {
        await turn('create')
        const made = await folder.create(name)
        return made && file(made)
      },
    })
  }

  /** Runs turns until the promise is settled. */
  async until(work: Promise<unknown>): Promise<void> {
    let isOver = false
    const end = (): void => void (isOver = true)
    work.then(end, end)
    while (!isOver) {
      for (let turns = 0; turns < 2; turns++) await yieldToEventLoop()
      if (this.#waiting.length === 0) continue
      const current = this.#next(this.#waiting.map(({ asked }) => asked))
      const own = this.#waiting.findIndex(({ asked: [process] }) => process === current)
      const { asked, go } = this.#waiting.splice(Math.max(own, 0), 1)[0] as Waiting
      this.had.push(asked)
      go()
    }
  }
}
