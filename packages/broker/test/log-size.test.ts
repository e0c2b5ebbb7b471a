import { seededRandom } from '@kafkado/core'
import { ManualClock, readRecordBatchHeader, readRecords, unpackRecordBatch } from '@kafkado/core/internal'
import { batch } from '@kafkado/testing/conformance'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LogCleaner } from '../src/log/log-cleaner.ts'
import { LogScan } from '../src/log/log-scan.ts'
import { engineSettings } from '../src/settings/engine-options.ts'
import { Engine } from '../src/engine/engine.ts'
import type { PartitionLog } from '../src/log/partition-log.ts'
import type { Changes, Units } from '../src/records/changes.ts'
import { HoldingStorage } from './holding-storage.ts'

const configs = { 'cleanup.policy': 'compact,delete', 'min.cleanable.dirty.ratio': '0', 'delete.retention.ms': '0' }
const runtime = { clock: new ManualClock(), random: seededRandom(1) }

type Step =
  | { readonly type: 'append'; readonly keys: readonly number[]; readonly valueBytes: number }
  | {
      readonly type: 'clean'
      readonly unitsUntilEnd: number
      readonly deletedWithin: number | undefined
      readonly interruption: Interruption | undefined
    }
  | { readonly type: 'delete'; readonly part: number; readonly interruption: Interruption | undefined }
  | { readonly type: 'reopen' }

/** Changes to a log between two slices of a scan; the first one comes at that turn. */
interface Interruption {
  readonly turn: number
  readonly what: 'append' | 'delete' | 'close' | 'clean'
  readonly part: number
}

/** More and less than an index entry apart; together more than a unit of cleaning. */
const valueBytes = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 10_000, max: 150_000 }))
const part = fc.integer({ min: 0, max: 20 }).map((twentieths) => twentieths / 20)

const interruption: fc.Arbitrary<Interruption | undefined> = fc.option(
  fc.record({
    turn: fc.integer({ min: 0, max: 20 }),
    what: fc.constantFrom('append', 'delete', 'close'),
    part,
  }),
  { nil: undefined },
)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('append' as const),
      keys: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 4 }),
      valueBytes,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('clean' as const),
      unitsUntilEnd: fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 2 })),
      deletedWithin: fc.option(part, { nil: undefined }),
      interruption,
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('delete' as const), part, interruption }) },
  { weight: 2, arbitrary: fc.constant({ type: 'reopen' as const }) },
)

/** One log, and operations on it that may stop at any unit. */
class LogUnderTest {
  readonly #storage = new HoldingStorage()
  /** The offset of each key's last record. */
  readonly #lastOffsets = new Map<number, number>()
  #engine = this.#newEngine()

  async create(): Promise<void> {
    await this.#engine.open()
    const changes = this.#engine.begin()
    this.#engine.topics.create(changes, 'topic', 1, configs)
    await this.#engine.commit(changes)
  }

  get log(): PartitionLog {
    return this.#engine.topics.log('topic', 0) as PartitionLog
  }

  /** The same log as a restart would find it. */
  async reopened(): Promise<PartitionLog> {
    const engine = this.#newEngine()
    await engine.open()
    return engine.topics.log('topic', 0) as PartitionLog
  }

  #newEngine(): Engine {
    return new Engine(this.#storage, engineSettings({ runtime }))
  }

  /** The bytes of all readable batches, one by one. */
  get actualBytes(): number {
    const { log } = this
    return [...log.reads.batchesBetween(log.logStartOffset, log.logEndOffset)].reduce(
      (sum, one) => sum + one.batch.length,
      0,
    )
  }

  async do(one: Step): Promise<void> {
    if (one.type === 'append') await this.#append(one.keys, one.valueBytes)
    else if (one.type === 'delete') await this.#deleteUntil(one.part, one.interruption)
    else if (one.type === 'clean') await this.#clean(one.unitsUntilEnd, one.deletedWithin, one.interruption)
    else await this.#reopen()
  }

  #reopen(): Promise<void> {
    this.#engine = this.#newEngine()
    return this.#engine.open()
  }

  async #append(keys: readonly number[], bytes: number): Promise<void> {
    const changes = this.#engine.begin()
    const records = batch(keys.map((key) => ({ key: `k${key}`, value: 'x'.repeat(bytes / keys.length), timestamp: 1 })))
    const baseOffset = this.log.append(changes, records, readRecordBatchHeader(records), 0)
    for (const [index, key] of keys.entries()) this.#lastOffsets.set(key, baseOffset + index)
    await this.#engine.commit(changes)
  }

  async #deleteUntil(upTo: number, interruption?: Interruption): Promise<void> {
    const { log } = this
    const start = Math.round(log.logStartOffset + upTo * (log.highWatermark - log.logStartOffset))
    const measured = await log.cleaning.measure(this.#scan(interruption), start)
    if (start <= log.logStartOffset) return
    const changes = this.#engine.begin()
    log.advanceStart(changes, start, measured)
    await this.#engine.commit(changes)
    await this.#storage.removeBatches(log.logId, start)
  }

  /** One batch per slice; at one of the turns between them, something happens to the log. */
  #scan(interruption: Interruption | undefined): LogScan {
    const { log } = this
    let isClosed = false
    const interrupt = async ({ what, part: upTo }: Interruption): Promise<void> => {
      if (what === 'append') await this.#append([1, 2], 1000)
      else if (what === 'delete') await this.#deleteUntil(upTo)
      else if (what === 'clean') await this.#clean(Infinity, undefined, undefined)
      else isClosed = true
    }
    let turns = 0
    class InterruptedScan extends LogScan {
      override worked(): Promise<void> | undefined {
        return interruption && turns++ === interruption.turn ? interrupt(interruption) : undefined
      }
    }
    return new InterruptedScan(log.reads, () => isClosed, undefined, 1)
  }

  /** The keys whose last record is missing from the log, though it was not deleted. */
  async missingKeys(): Promise<number[]> {
    const { log } = this
    const offsets = new Set<number>()
    for (const { header, batch: bytes } of log.reads.batchesBetween(log.logStartOffset, log.logEndOffset))
      readRecords(await unpackRecordBatch(bytes, header), (_bytes, offset) => void offsets.add(offset))
    return [...this.#lastOffsets]
      .filter(([, offset]) => offset >= log.logStartOffset && !offsets.has(offset))
      .map(([key]) => key)
  }

  /** @param deletedWithin how much is deleted while the first unit is on its way to the disk */
  async #clean(
    unitsUntilEnd: number,
    deletedWithin: number | undefined,
    interruption: Interruption | undefined,
  ): Promise<void> {
    const stopped = new Error('the machine went down')
    let written = 0
    const engine = this.#engine
    const commit = async (changes: Changes): Promise<void> => {
      if (written++ >= unitsUntilEnd) throw stopped
      if (written > 1 || deletedWithin === undefined) return engine.commit(changes)
      this.#storage.hold()
      const committing = [engine.commit(changes), this.#deleteUntil(deletedWithin)]
      this.#storage.release()
      await Promise.all(committing)
    }
    const units: Units = { beginEnding: () => engine.beginEnding(), commit }
    const { settings } = engine.topics.find('topic') as { settings: ConstructorParameters<typeof LogCleaner>[2] }
    const scan = this.#scan(interruption)
    const { cleanedOffset } = this.log.cleaning
    await new LogCleaner(this.log, scan, settings, units).clean(runtime.clock.now()).catch(async (error: unknown) => {
      if (error !== stopped) throw error
      await this.#reopen()
    })
    if (scan.isOver) expect(this.log.cleaning.cleanedOffset).toBe(cleanedOffset)
  }
}

it('the size of a log is that of its batches, now and after a restart, and no last record of a key is lost, whatever was appended, compacted and deleted, also between two slices', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }), async (steps) => {
      const tested = new LogUnderTest()
      await tested.create()
      for (const one of steps) {
        await tested.do(one)
        expect(tested.log.sizeInBytes, one.type).toBe(tested.actualBytes)
        expect(await tested.missingKeys(), one.type).toEqual([])
        expect((await tested.reopened()).sizeInBytes, `a restart after ${one.type}`).toBe(tested.actualBytes)
      }
    }),
    { numRuns: 150 },
  )
})

const changes = ['append', 'delete', 'close'] as const
const works = [
  { type: 'clean', unitsUntilEnd: Infinity, deletedWithin: undefined },
  { type: 'clean', unitsUntilEnd: 1, deletedWithin: undefined },
  { type: 'delete', part: 0.4 },
] as const

it.each(
  works.flatMap((work) =>
    // Cleaning never runs twice at a time.
    (work.type === 'clean' ? changes : ([...changes, 'clean'] as const)).flatMap((what) =>
      [true, false].map((isReplaced) => ({ ...work, what, isReplaced })),
    ),
  ),
)(
  'and so it is whenever within $type (replaced: $isReplaced) another $what comes',
  async ({ what, isReplaced, ...work }) => {
    for (let turn = 0; turn < 24; turn++) {
      const tested = new LogUnderTest()
      await tested.create()
      for (let index = 0; index < 6; index++) await tested.do({ type: 'append', keys: [index], valueBytes: 100 })
      // A part was rewritten, and the next part is replaced or not.
      await tested.do({ ...works[0], interruption: undefined })
      for (let index = 0; index < 4; index++)
        await tested.do({ type: 'append', keys: [isReplaced ? 1 : 10 + index], valueBytes: 100 + index })
      await tested.do({ ...work, interruption: { turn, what, part: 0.2 } })
      expect(tested.log.sizeInBytes, `turn ${turn}`).toBe(tested.actualBytes)
      expect(await tested.missingKeys(), `turn ${turn}`).toEqual([])
      expect((await tested.reopened()).sizeInBytes, `turn ${turn}, after a restart`).toBe(tested.actualBytes)
    }
  },
)
