import { type Random, StorageError } from '@kafkado/core'
import type { JournalFolder } from '../../src/state/journal/journal-folder.ts'
import type { JournalSizes } from '../../src/state/journal/journal-sizes.ts'
import { JournalStateStorage } from '../../src/state/journal/journal-state-storage.ts'
import { change, contentOf } from './content.ts'
import { MemoryDisk } from './memory-disk.ts'
import type { Turns } from './turns.ts'

export interface TakeOverSettings {
  readonly turns: Turns
  readonly random: Random
  readonly sizes: JournalSizes
  /** How often the former owner writes, and the number of keys and length of values. */
  readonly writes: number
  readonly keys: number
  readonly valueLength: number
  /** How often it has written when the others begin to open the folder. */
  readonly opensAfter: number
  /** How many others open it, all at once. */
  readonly others: number
}

const asText = (content: Readonly<Record<string, string>>): string =>
  Object.keys(content)
    .toSorted((left, right) => (left < right ? -1 : 1))
    .map((key) => `${key}=${content[key]}`)
    .join()

const shown = (storage: JournalStateStorage): string => asText(contentOf(storage, ['s'])['s'] ?? {})

const isTakenOver = (error: unknown): boolean => StorageError.is(error) && error.message.includes('taken over')

/** One process writes, and others take the folder over. */
export class TakeOver {
  readonly disk = new MemoryDisk()
  readonly #settings: TakeOverSettings
  /** The content after each write, acknowledged or not. */
  readonly #known = [asText({})]
  readonly #losses: string[] = []
  /** The least content that a process must find when it opens the folder. */
  #least = 0
  #effectsBefore = 0
  #isOpened = false
  #paths = 0

  constructor(settings: TakeOverSettings) {
    this.#settings = settings
  }

  /** How many files were given up since the others began to open it. */
  get removals(): number {
    const effects = this.disk.effects.slice(this.#effectsBefore)
    return effects.filter((effect) => effect.kind === 'rename' && effect.to.endsWith('.gone')).length
  }

  /** The effects on the disk since then: a kill may come between any two. */
  get effectsMeanwhile(): readonly [first: number, last: number] {
    return [this.#effectsBefore, this.disk.effects.length]
  }

  /** @throws Error when something was lost or comes back, or when it has no owner or two */
  async run(): Promise<void> {
    const { turns } = this.#settings
    let begin = (): void => undefined
    const isDue = new Promise<void>((resolve) => (begin = resolve))
    const former = this.#write(begin)
    const others = Array.from({ length: this.#settings.others }, async (_, index) => {
      await isDue
      const storage = await this.#open(turns.folder(this.disk, index + 1))
      this.#isOpened = true
      return storage
    })
    const all = Promise.all([former, ...others])
    await turns.until(all)
    const opened = (await all).slice(1) as JournalStateStorage[]
    const found = opened.map(shown)
    for (const one of found) this.#expectKnown(one)
    const closing = Promise.all(opened.map((storage) => storage.close()))
    await turns.until(closing)
    await closing
    const after = await this.#shownAnew()
    if (!found.includes(after))
      throw new Error(
        `what was held after write ${this.#known.indexOf(after)} is there, and no new owner has seen that`,
      )
    if (this.#losses.length > 0) throw new Error(this.#losses.join())
  }

  /** Opens the remains of a kill after that many effects. */
  async expectAfterKill(effects: number): Promise<void> {
    this.#expectKnown(await this.#shownAnew(MemoryDisk.afterKill(this.disk.effects, effects)))
    if (this.#losses.length > 0) throw new Error(this.#losses.join())
  }

  async #write(begin: () => void): Promise<void> {
    const { turns, random, writes, keys, valueLength, opensAfter } = this.#settings
    const storage = await this.#open(turns.folder(this.disk, 0))
    const content: Record<string, string> = {}
    for (let at = 0; at < writes; at++) {
      if (at === opensAfter) {
        this.#least = at
        this.#effectsBefore = this.disk.effects.length
        begin()
      }
      const key = `${Math.floor(random.next() * keys)}`
      content[key] = `${at}.`.padEnd(valueLength, '-')
      this.#known.push(asText(content))
      const isLate = this.#isOpened
      try {
        await storage.write([change('s', key, content[key])], {})
      } catch (error) {
        if (isTakenOver(error)) break
        throw error
      }
      if (isLate) throw new Error(`write ${at} was told to be done, and somebody else had opened it before`)
    }
    await storage.close()
  }

  #open(folder: JournalFolder): Promise<JournalStateStorage> {
    const { random, sizes } = this.#settings
    return JournalStateStorage.open({ folder, random, sizes, onLoss: (why) => this.#losses.push(why) })
  }

  async #shownAnew(disk = this.disk): Promise<string> {
    const storage = await this.#open(disk.folder(`/anew-${this.#paths++}`))
    const found = shown(storage)
    await storage.close()
    return found
  }

  #expectKnown(found: string): void {
    const write = this.#known.indexOf(found)
    if (write < this.#least)
      throw new Error(
        `it holds ${write < 0 ? `what it never held: ${found}` : `what there was after write ${write}`}, instead of` +
          ` what there was after write ${this.#least} or later`,
      )
  }
}
