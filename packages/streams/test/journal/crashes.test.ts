import { type Random, seededRandom } from '@kafkado/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JournalSizes } from '../../src/state/journal/journal-sizes.ts'
import { expectHeldSoon, expectOneOf, expectOneOfSoon, Run, type Step } from './crash-run.ts'
import { MemoryDisk } from './memory-disk.ts'

/** Does not shrink, which would take minutes: the seed is enough. */
const runs = { numRuns: 40, endOnFailure: true }

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

/** Steps in which everything happens. */
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

const write = (...changes: readonly (readonly [store: number, key: number, length: number])[]): Step => ({
  kind: 'write',
  changes,
})

/** So few that the test can change each byte of their files: some files are gone, and there is a snapshot. */
const fewSteps: readonly Step[] = [
  write([0, 1, 9], [1, 2, 60]),
  write([0, 1, 3], [1, 2, 40]),
  { kind: 'restart' },
  write([1, 2, 0], [0, 3, 9], [2, 1, 80]),
  write([0, 1, 30]),
]
/** The effect of a power cut on a write, by a random number. */
const [lost, whole, zeros, half] = [0.1, 0.45, 0.7, 0.9]

async function saying(what: string, work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (cause) {
    throw new Error(`${what}: ${(cause as Error).message}`, { cause })
  }
}

const smallSizes = new JournalSizes(768)

describe('a journal of state', () => {
  it('holds after a kill, at any byte, all that was told to be written, and nothing of a unit in part', async () => {
    const run = await new Run().run([
      write([0, 1, 9], [1, 2, 9]),
      write([0, 1, 3], [1, 2, 0]),
      { kind: 'takeOver' },
      // Two frames.
      write([2, 1, 400], [2, 2, 400], [2, 3, 6]),
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
    // The situations under test did occur: files were given up, and there were snapshots.
    expect(kinds.filter((kind) => kind === 'remove').length).toBeGreaterThan(5)
    const renamed = disk.effects.filter((effect) => effect.kind === 'rename' && effect.to.endsWith('.index'))
    expect(renamed.length).toBeGreaterThan(1)
    expect(acknowledged.length).toBeGreaterThan(50)
    // Some of them, different in every relevant way: all would take minutes.
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

  it('holds what one of its units has left, or nothing, wherever a file ends, or is zeros from there on, or has a bit changed', async () => {
    const run = await new Run(smallSizes).run(fewSteps)
    const names = [...run.disk.names.keys()]
    expect(new Set(names.map((name) => name.split('.')[1]))).toEqual(new Set(['index', 'state']))
    // It is opened with its snapshot, and without.
    const unindexed = run.disk.copy()
    for (const name of names) if (name.endsWith('.index')) unindexed.names.delete(name)
    for (const before of [run.disk, unindexed]) {
      for (const name of before.names.keys()) {
        const sound = before.bytesOf(name)
        for (let at = 0; at < sound.length; at++) {
          const flipped = Buffer.from(sound)
          flipped[at] = (flipped[at] as number) ^ (1 << (at % 8))
          const damaged = { flipped, cut: sound.subarray(0, at), zeroed: Buffer.from(sound).fill(0, at) }
          for (const [how, bytes] of Object.entries(damaged)) {
            const disk = before.copy()
            disk.setBytes(name, bytes)
            await saying(`${name} at byte ${at}: ${how}`, expectHeldSoon(disk, run.known))
          }
        }
      }
    }
  })

  it('holds what one of its units has left, or nothing, when a power cut has taken any one of its writes, or half of it', async () => {
    const run = await new Run(smallSizes).run(fewSteps)
    const { effects } = run.disk
    for (let count = 0; count <= effects.length; count++) {
      for (const names of [0, 0.999]) {
        for (const how of [lost, zeros, half]) {
          for (let at = 0, writes = 0; at <= writes; at++) {
            let asked = -1
            const next = (): number => (++asked === 0 ? names : asked === at ? how : whole)
            const disk = MemoryDisk.afterPowerCut(effects, count, { next })
            writes = Math.max(writes, asked)
            await saying(`after ${count} effects, write ${at}: ${how}`, expectHeldSoon(disk, run.known))
          }
        }
      }
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
