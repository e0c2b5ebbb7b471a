import { type Random, seededRandom, StorageError } from '@kafkado/core'
import { yieldToEventLoop } from '@kafkado/core/internal'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JournalSizes } from '../../src/state/journal/journal-sizes.ts'
import { JournalStateStorage } from '../../src/state/journal/journal-state-storage.ts'
import type { Checkpoint, StateChange } from '../../src/state/state-storage.ts'
import { change, contentOf } from './content.ts'
import { MemoryDisk } from './memory-disk.ts'

const stores = ['s', 't', 'u']
/** So that a few kilobytes are many files, of which some are given up, with snapshots. */
const sizes = new JournalSizes(2048)
let folders = 0

type Content = Record<string, Record<string, string>>
interface Known {
  readonly checkpoint: Checkpoint
  readonly content: Content
}

type Step =
  | { readonly kind: 'write'; readonly changes: readonly (readonly [store: number, key: number, length: number])[] }
  | { readonly kind: 'clear'; readonly store: number }
  | { readonly kind: 'restart' }
  /** Somebody else opens it, while the one before still writes. */
  | { readonly kind: 'takeOver' }

/** Without shrinking, which takes minutes: the seed says enough. */
const runs = { seed: 1, numRuns: 40, endOnFailure: true }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({
        kind: fc.constant('write' as const),
        // A length of 0 removes the key.
        changes: fc.array(fc.tuple(fc.nat(2), fc.nat(12), fc.nat(600)), { maxLength: 12 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), store: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'takeOver' as const }) },
  ),
  { minLength: 5, maxLength: 40 },
)

/** Runs steps on a disk, and knows what the journal held after each of its units. */
class Run {
  readonly disk = new MemoryDisk()
  /** What there was after so many units: first nothing. */
  readonly known: Known[] = [{ checkpoint: {}, content: { s: {}, t: {}, u: {} } }]
  /** How many units were told to be written, by how many effects there were by then. */
  readonly acknowledged: { readonly effects: number; readonly units: number }[] = []
  readonly #random = seededRandom(7)
  #storage!: JournalStateStorage

  async run(all: readonly Step[]): Promise<this> {
    this.#storage = await openOn(this.disk, this.#random)
    for (const step of all) await this.#step(step)
    await this.#storage.close()
    expect(this.disk.openFiles, 'files that are still open').toBe(0)
    return this
  }

  /** The last unit that was told to be written by then. */
  acknowledgedAt(effects: number): number {
    return this.acknowledged.findLast((one) => one.effects <= effects)?.units ?? 0
  }

  async #open(): Promise<void> {
    this.#storage = await openOn(this.disk, this.#random)
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
      await expect(former.write([change('s', 'late', 'late')], {})).rejects.toThrow(/taken over/)
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
    // Sometimes what it does by itself has its time, and sometimes it is in the middle of it.
    if (units % 3 === 0) for (let turn = 0; turn < units % 7; turn++) await yieldToEventLoop()
  }
}

function openOn(disk: MemoryDisk, random: Random): Promise<JournalStateStorage> {
  return JournalStateStorage.open({ folder: disk.folder(`/crash-${folders++}`), random, sizes })
}

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
 * Opens what is left, and goes on: what it holds has to be what there was after one of the units, from the first to the
 * last of those that are allowed.
 */
async function expectOneOf(
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
      `after a crash it holds ${units < 0 ? `what it never held: ${found}` : `what there was after unit ${units}`}, instead of units ${first} to ${last}`,
    )
  }
  const before = knownOf(storage)
  await storage.write([change('s', 'after', 'it')], { s: { offset: 1e6, observedTime: 1 } })
  const after = {
    checkpoint: { ...before.checkpoint, s: { offset: 1e6, observedTime: 1 } },
    content: { ...before.content, s: { ...before.content['s'], after: 'it' } },
  }
  await storage.close()
  storage = await openOn(disk, random)
  // Damage that a snapshot has passed over may be found the next time.
  const then = asText(knownOf(storage))
  if (!isDamaged || !known.some((one) => asText(one) === then)) expect(then).toBe(asText(after))
  await storage.close()
}

/** Some steps in which everything happens. */
function mixedSteps(seed: number, count: number): Step[] {
  const random = seededRandom(seed)
  const below = (most: number): number => Math.floor(random.next() * most)
  return Array.from({ length: count }, (_, at): Step => {
    if (at % 17 === 16) return { kind: 'clear', store: below(3) }
    if (at % 11 === 10) return { kind: at % 2 ? 'restart' : 'takeOver' }
    const changes = Array.from({ length: below(10) }, () => [below(3), below(10), below(400)] as const)
    return { kind: 'write', changes }
  })
}

describe('a journal of state', () => {
  it('holds after a kill, at any byte, all that was told to be written, and nothing of a unit in part', async () => {
    const run = await new Run().run([
      {
        kind: 'write',
        changes: [
          [0, 1, 9],
          [1, 2, 9],
        ],
      },
      {
        kind: 'write',
        changes: [
          [0, 1, 3],
          [1, 2, 0],
        ],
      },
      { kind: 'takeOver' },
      { kind: 'write', changes: [[2, 1, 6]] },
    ])
    for (const [count, effect] of run.disk.effects.entries()) {
      const first = run.acknowledgedAt(count)
      const last = Math.min(first + 1, run.known.length - 1)
      const length = effect.kind === 'write' ? effect.bytes.length : 1
      for (let bytes = 0; bytes < length; bytes++)
        await expectOneOf(MemoryDisk.afterKill(run.disk.effects, count, bytes), run.known, first, last)
    }
  })

  it('holds the same after a kill between any two things that it does, beside what it does by itself', async () => {
    const run = await new Run().run(mixedSteps(1, 80))
    const { disk, known, acknowledged } = run
    const kinds = disk.effects.map((effect) => effect.kind)
    // What the test is about has happened: files that were given up, and snapshots.
    expect(kinds.filter((kind) => kind === 'remove').length).toBeGreaterThan(5)
    const renamed = disk.effects.filter((effect) => effect.kind === 'rename' && effect.to.endsWith('.index'))
    expect(renamed.length).toBeGreaterThan(1)
    expect(acknowledged.length).toBeGreaterThan(50)
    // Some of them, that differ in all that matters: all would take minutes.
    const every = Math.ceil(disk.effects.length / 200)
    for (const [count, effect] of disk.effects.entries()) {
      if (count % every > 0) continue
      const first = run.acknowledgedAt(count)
      const last = Math.min(first + 1, known.length - 1)
      const half = effect.kind === 'write' ? [Math.floor(effect.bytes.length / 2)] : []
      for (const bytes of [0, ...half])
        await expectOneOf(MemoryDisk.afterKill(disk.effects, count, bytes), known, first, last)
    }
  })

  it('holds after a kill what one of its units has left, whatever was done', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), async (all, seed) => {
        const run = await new Run().run(all)
        const { effects } = run.disk
        const random = seededRandom(seed)
        for (let crash = 0; crash < 8; crash++) {
          const count = Math.floor(random.next() * (effects.length + 1))
          const first = run.acknowledgedAt(count)
          const bytes = Math.floor(random.next() * 400)
          const disk = MemoryDisk.afterKill(effects, count, bytes)
          const last = Math.min(first + 1, run.known.length - 1)
          await expectOneOf(disk, run.known, first, last)
        }
      }),
      runs,
    )
  })

  it('holds after a power cut what one of its units has left, or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), async (all, seed) => {
        const run = await new Run().run(all)
        const { effects } = run.disk
        const random = seededRandom(seed)
        for (let crash = 0; crash < 12; crash++) {
          const count = Math.floor(random.next() * (effects.length + 1))
          const disk = MemoryDisk.afterPowerCut(effects, count, random)
          await expectOneOfSoon(disk, run.known)
        }
      }),
      runs,
    )
  })

  it('holds what one of its units has left, or nothing, when a file is cut off, changed, or gone', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), async (all, seed) => {
        const run = await new Run().run(all)
        const random = seededRandom(seed)
        for (let crash = 0; crash < 20; crash++) {
          const disk = run.disk.copy()
          damage(disk, random)
          await expectOneOfSoon(disk, run.known)
        }
      }),
      runs,
    )
  })
})

function damage(disk: MemoryDisk, random: Random): void {
  const names = [...disk.names.keys()]
  const name = names[Math.floor(random.next() * names.length)] as string
  const bytes = Buffer.from(disk.bytesOf(name))
  const at = Math.floor(random.next() * bytes.length)
  const chance = random.next()
  if (chance < 0.05) disk.names.delete(name)
  else if (chance < 0.3) disk.setBytes(name, bytes.subarray(0, at))
  else if (chance < 0.4) disk.setBytes(name, bytes.fill(0, at))
  else {
    bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(random.next() * 8))
    disk.setBytes(name, bytes)
  }
}

/** What is damaged may be noticed when it is read; then it is right when the folder is opened anew. */
async function expectOneOfSoon(disk: MemoryDisk, known: readonly Known[]): Promise<void> {
  const storage = await openOn(disk, seededRandom(9))
  try {
    const found = asText(knownOf(storage))
    if (!known.some((one) => asText(one) === found)) throw new Error(`it holds what it never held: ${found}`)
  } catch (error) {
    if (!StorageError.is(error) || !error.retriable) throw error
  }
  await storage.close()
  await expectOneOf(disk, known, 0, known.length - 1, true)
}
