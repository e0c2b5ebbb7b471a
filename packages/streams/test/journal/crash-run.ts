import assert from 'node:assert/strict'
import { type Random, seededRandom, StorageError } from '@kafkado/core'
import { yieldToEventLoop } from '@kafkado/core/internal'
import { JournalSizes } from '../../src/state/journal/journal-sizes.ts'
import { JournalStateStorage } from '../../src/state/journal/journal-state-storage.ts'
import type { Checkpoint, StateChange } from '../../src/state/state-storage.ts'
import { change, contentOf } from './content.ts'
import { MemoryDisk } from './memory-disk.ts'

const stores = ['s', 't', 'u']
/** So small that a few kilobytes make many files, of which some are given up, with snapshots. */
const usualSizes = new JournalSizes(2048)
let folders = 0

type Content = Record<string, Record<string, string>>
export interface Known {
  readonly checkpoint: Checkpoint
  readonly content: Content
}

export type Step =
  | { readonly kind: 'write'; readonly changes: readonly (readonly [store: number, key: number, length: number])[] }
  | { readonly kind: 'clear'; readonly store: number }
  | { readonly kind: 'restart' }
  /** Another process opens it, while the previous one still writes. */
  | { readonly kind: 'takeOver' }

/** Runs steps on a disk, and knows the content of the journal after each of its units. */
export class Run {
  readonly disk = new MemoryDisk()
  /** The content after each unit; first nothing. */
  readonly known: Known[] = [{ checkpoint: {}, content: { s: {}, t: {}, u: {} } }]
  /** How many units were acknowledged, by the number of effects at that time. */
  readonly acknowledged: { readonly effects: number; readonly units: number }[] = []
  readonly #random = seededRandom(7)
  readonly #sizes: JournalSizes
  #storage!: JournalStateStorage

  constructor(sizes: JournalSizes = usualSizes) {
    this.#sizes = sizes
  }

  async run(all: readonly Step[]): Promise<this> {
    await this.#open()
    for (const step of all) await this.#step(step)
    await this.#storage.close()
    assert.equal(this.disk.openFiles, 0, 'files that are still open')
    return this
  }

  /** The last unit acknowledged by then. */
  acknowledgedAt(effects: number): number {
    return this.acknowledged.findLast((one) => one.effects <= effects)?.units ?? 0
  }

  async #open(): Promise<void> {
    this.#storage = await openOn(this.disk, this.#random, this.#sizes)
  }

  async #step(step: Step): Promise<void> {
    const last = this.known.at(-1) as Known
    if (step.kind === 'restart') {
      await this.#storage.close()
      await this.#open()
      return
    }
    if (step.kind === 'takeOver') {
      const former = this.#storage
      await this.#open()
      await assert.rejects(former.write([change('s', 'late', 'late')], {}), /taken over/)
      await former.close()
      return
    }
    const units = this.known.length
    const content = structuredClone(last.content)
    if (step.kind === 'clear') {
      const name = stores[step.store] as string
      content[name] = {}
      const { [name]: _, ...checkpoint } = last.checkpoint
      this.known.push({ checkpoint: { ...checkpoint }, content })
      await this.#storage.clear(name)
    } else {
      const changes: StateChange[] = step.changes.map(([store, key, length]) => {
        const [name, text] = [stores[store] as string, `key-${key}`]
        const value = length === 0 ? null : `${units}.`.repeat(Math.ceil(length / 3))
        if (value === null) delete content[name]?.[text]
        else (content[name] as Record<string, string>)[text] = value
        return change(name, text, value)
      })
      const checkpoint = { [stores[units % 3] as string]: { offset: units, observedTime: units } }
      this.known.push({ checkpoint: { ...last.checkpoint, ...checkpoint }, content })
      await this.#storage.write(changes, checkpoint)
    }
    this.acknowledged.push({ effects: this.disk.effects.length, units })
    // Sometimes its background work has time to finish, and sometimes it is in the middle.
    if (units % 3 === 0) for (let turn = 0; turn < units % 7; turn++) await yieldToEventLoop()
  }
}

function openOn(disk: MemoryDisk, random: Random, sizes = usualSizes): Promise<JournalStateStorage> {
  return JournalStateStorage.open({ folder: disk.folder(`/crash-${folders++}`), random, sizes })
}

const isDamage = (error: unknown): boolean => StorageError.is(error) && error.retriable

const asText = ({ checkpoint, content }: Known): string =>
  JSON.stringify([
    Object.entries(checkpoint).sort(([left], [right]) => (left < right ? -1 : 1)),
    ...stores.map((name) => Object.entries(content[name] ?? {}).sort(([left], [right]) => (left < right ? -1 : 1))),
  ])

const knownOf = (storage: JournalStateStorage): Known => ({
  checkpoint: storage.checkpoint,
  content: contentOf(storage, stores),
})

/**
 * Opens the remains and continues: the content must be that after one of the units, from the first to the last allowed
 * one.
 */
export async function expectOneOf(
  disk: MemoryDisk,
  known: readonly Known[],
  first: number,
  last: number,
  isDamaged = false,
): Promise<void> {
  const random = seededRandom(9)
  let storage = await openOn(disk, random)
  const found = asText(knownOf(storage))
  const allowed = known.slice(first, last + 1).map(asText)
  if (!allowed.includes(found)) {
    const units = known.findIndex((one) => asText(one) === found)
    throw new Error(
      `after a crash it holds ${units < 0 ? `what it never held: ${found}` : `what there was after unit ${units}`},` +
        ` instead of units ${first} to ${last}`,
    )
  }
  const before = knownOf(storage)
  try {
    await storage.write([change('s', 'after', 'it')], { s: { offset: 1e6, observedTime: 1 } })
  } catch (error) {
    // Its background work has read unneeded records, and found the damage.
    if (!isDamaged || !isDamage(error)) throw error
    await storage.close()
    await expectOneOf(disk, known, first, last)
    return
  }
  const after = {
    checkpoint: { ...before.checkpoint, s: { offset: 1e6, observedTime: 1 } },
    content: { ...before.content, s: { ...before.content['s'], after: 'it' } },
  }
  await storage.close()
  storage = await openOn(disk, random)
  // Damage skipped by a snapshot may be found the next time.
  const then = asText(knownOf(storage))
  if (!isDamaged || !known.some((one) => asText(one) === then)) assert.equal(then, asText(after))
  await storage.close()
}

/** Damage may be noticed with a later read; the content is then right when the folder is opened again. */
export async function expectOneOfSoon(disk: MemoryDisk, known: readonly Known[]): Promise<void> {
  await isHeld(disk, known)
  await expectOneOf(disk, known, 0, known.length - 1, true)
}

/** The same, without continuing. */
export async function expectHeldSoon(disk: MemoryDisk, known: readonly Known[]): Promise<void> {
  if ((await isHeld(disk, known)) || (await isHeld(disk, known))) return
  throw new Error('it is damaged still when it is opened anew')
}

/** Whether it holds the content after one of the units; false when it reports damage. */
async function isHeld(disk: MemoryDisk, known: readonly Known[]): Promise<boolean> {
  const storage = await openOn(disk, seededRandom(9))
  try {
    const found = asText(knownOf(storage))
    if (!known.some((one) => asText(one) === found)) throw new Error(`it holds what it never held: ${found}`)
    return true
  } catch (error) {
    if (!isDamage(error)) throw error
    return false
  } finally {
    await storage.close()
  }
}
