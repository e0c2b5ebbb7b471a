import { type Random, seededRandom, StorageError } from '@kafkado/core'
import { yieldToEventLoop } from '@kafkado/core/internal'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { JournalFile, JournalFolder } from '../../src/state/journal/journal-folder.ts'
import { JournalSizes } from '../../src/state/journal/journal-sizes.ts'
import { JournalStateStorage } from '../../src/state/journal/journal-state-storage.ts'
import { change, contentOf } from './content.ts'
import { MemoryDisk } from './memory-disk.ts'

const sizes = new JournalSizes(2048)
let folders = 0

/** Has two processes go on by turns, from one thing that they ask of the disk to the next; each may stand still for long. */
class Turns {
  readonly #random: Random
  readonly #waiting: (readonly [process: number, go: () => void])[] = []
  #current = 0

  constructor(random: Random) {
    this.#random = random
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
    const file = (opened: JournalFile): JournalFile =>
      gated(opened, ['length', 'write', 'read', 'truncate', 'sync', 'close'])
    const folder = disk.folder(`/taken-over-${folders++}`)
    const asked = gated(folder, ['names', 'open', 'create', 'rename', 'remove', 'sync'])
    return Object.assign(asked, {
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
      if (this.#random.next() < 0.1) this.#current = 1 - this.#current
      const own = this.#waiting.findIndex(([process]) => process === this.#current)
      this.#waiting.splice(Math.max(own, 0), 1)[0]?.[1]()
    }
  }
}

const asText = (content: Readonly<Record<string, string>>): string =>
  Object.keys(content)
    .toSorted((left, right) => (left < right ? -1 : 1))
    .map((key) => `${key}=${content[key]}`)
    .join()

/** @param onRemovals told how many files were removed meanwhile */
const takingOver = (onRemovals: (count: number) => void) =>
  fc.asyncProperty(fc.nat(), fc.nat(50), async (seed, opensAfter) => {
    const random = seededRandom(seed)
    const [disk, turns] = [new MemoryDisk(), new Turns(random)]
    const losses: string[] = []
    const open = (folder: JournalFolder): Promise<JournalStateStorage> =>
      JournalStateStorage.open({ folder, random, sizes, onLoss: (why) => losses.push(why) })

    const content: Record<string, string> = {}
    const known = [asText({})]
    let [written, least] = [0, 0]
    let begin = (): void => undefined
    const isDue = new Promise<void>((resolve) => (begin = resolve))
    const first = (async () => {
      const former = await open(turns.folder(disk, 0))
      for (let at = 0; at < 60; at++) {
        if (at === opensAfter) begin()
        const [key, value] = [`${Math.floor(random.next() * 9)}`, `${at}.`.repeat(60)]
        content[key] = value
        known.push(asText(content))
        try {
          await former.write([change('s', key, value)], {})
        } catch (error) {
          if (StorageError.is(error) && error.message.includes('taken over')) break
          throw error
        }
        written = at + 1
      }
      await former.close()
    })()
    let effects = 0
    const second = (async () => {
      await isDue
      least = written
      effects = disk.effects.length
      return open(turns.folder(disk, 1))
    })()
    const shown = (storage: JournalStateStorage): string => {
      const { s = {} } = contentOf(storage, ['s'])
      return asText(s)
    }
    const both = Promise.all([first, second])
    await turns.until(both)
    const [, next] = await both
    const found = shown(next)
    expect(known.slice(least)).toContain(found)
    const closing = next.close()
    await turns.until(closing)
    await closing
    onRemovals(
      disk.effects.slice(effects).filter((effect) => effect.kind === 'rename' && effect.to.endsWith('.gone')).length,
    )

    const again = await open(disk.folder(`/taken-over-${folders++}`))
    expect(shown(again)).toBe(found)
    await again.close()
    for (let kill = 0; kill < 6; kill++) {
      const count = effects + Math.floor(random.next() * (disk.effects.length + 1 - effects))
      const killed = await open(MemoryDisk.afterKill(disk.effects, count).folder(`/taken-over-${folders++}`))
      expect(known.slice(least)).toContain(shown(killed))
      await killed.close()
    }
    expect(losses).toEqual([])
  })

it('has lost nothing when it is taken over, at whatever moment that is, and whatever the former owner still does', async () => {
  let removals = 0
  await fc.assert(
    takingOver((count) => void (removals += count)),
    { seed: 1, numRuns: 150, endOnFailure: true },
  )
  // What it is about has happened.
  expect(removals).toBeGreaterThan(50)
})

// A known fault, one in some 500 runs: what a former owner goes on writing, without noticing, counts again once the new one has closed without a
// write. It is what the former had committed, so the state is whole, but newer than what the new owner has seen.
it.fails('shows the same again after a new owner that wrote nothing', async () => {
  await fc.assert(
    takingOver(() => undefined),
    { seed: -1168634732, path: '112', endOnFailure: true },
  )
})
