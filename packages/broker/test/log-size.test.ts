import { seededRandom } from '@kafkado/core'
import { ManualClock, readRecordBatchHeader } from '@kafkado/core/internal'
import { batch } from '@kafkado/testing/conformance'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LogCleaner } from '../src/log/log-cleaner.ts'
import { engineSettings } from '../src/settings/engine-options.ts'
import { Engine } from '../src/engine/engine.ts'
import type { PartitionLog } from '../src/log/partition-log.ts'
import type { Changes, Units } from '../src/records/changes.ts'
import { HoldingStorage } from './holding-storage.ts'

const configs = { 'cleanup.policy': 'compact,delete', 'min.cleanable.dirty.ratio': '0', 'delete.retention.ms': '0' }
const runtime = { clock: new ManualClock(), random: seededRandom(1) }

type Step =
  | { readonly type: 'append'; readonly keys: readonly number[]; readonly valueBytes: number }
  | { readonly type: 'clean'; readonly unitsUntilEnd: number; readonly deletedWithin: number | undefined }
  | { readonly type: 'delete'; readonly part: number }
  | { readonly type: 'reopen' }

/** More than an index entry apart, and less; together more than a unit of cleaning. */
const valueBytes = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 10_000, max: 150_000 }))
const part = fc.integer({ min: 0, max: 20 }).map((twentieths) => twentieths / 20)

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
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('delete' as const), part }) },
  { weight: 2, arbitrary: fc.constant({ type: 'reopen' as const }) },
)

/** One log, with what a machine does to it that may stop at any unit. */
class LogUnderTest {
  readonly #storage = new HoldingStorage()
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

  /** The bytes of all batches that can be read, one by one. */
  get actualBytes(): number {
    const { log } = this
    return [...log.batchesBetween(log.logStartOffset, log.logEndOffset)].reduce((sum, one) => sum + one.batch.length, 0)
  }

  async do(one: Step): Promise<void> {
    if (one.type === 'append') await this.#append(one.keys, one.valueBytes)
    else if (one.type === 'delete') await this.#deleteUntil(one.part)
    else if (one.type === 'clean') await this.#clean(one.unitsUntilEnd, one.deletedWithin)
    else await this.#reopen()
  }

  #reopen(): Promise<void> {
    this.#engine = this.#newEngine()
    return this.#engine.open()
  }

  async #append(keys: readonly number[], bytes: number): Promise<void> {
    const changes = this.#engine.begin()
    const records = batch(keys.map((key) => ({ key: `k${key}`, value: 'x'.repeat(bytes / keys.length), timestamp: 1 })))
    this.log.append(changes, records, readRecordBatchHeader(records), 0)
    await this.#engine.commit(changes)
  }

  async #deleteUntil(upTo: number): Promise<void> {
    const { log } = this
    const start = Math.round(log.logStartOffset + upTo * (log.highWatermark - log.logStartOffset))
    if (start <= log.logStartOffset) return
    const changes = this.#engine.begin()
    log.advanceStart(changes, start)
    await this.#engine.commit(changes)
    await this.#storage.removeBatches(log.logId, start)
  }

  /** @param deletedWithin how much is deleted while the first unit is on its way to the disk */
  async #clean(unitsUntilEnd: number, deletedWithin: number | undefined): Promise<void> {
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
    const units: Units = { begin: () => engine.begin(), commit }
    const { settings } = engine.topics.find('topic') as { settings: ConstructorParameters<typeof LogCleaner>[1] }
    await new LogCleaner(this.log, settings, units).clean(runtime.clock.now()).catch(async (error: unknown) => {
      if (error !== stopped) throw error
      await this.#reopen()
    })
  }
}

it('the size of a log is that of its batches, now and after a restart, whatever was appended, compacted and deleted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }), async (steps) => {
      const tested = new LogUnderTest()
      await tested.create()
      for (const one of steps) {
        await tested.do(one)
        expect(tested.log.sizeInBytes, one.type).toBe(tested.actualBytes)
        expect((await tested.reopened()).sizeInBytes, `a restart after ${one.type}`).toBe(tested.actualBytes)
      }
    }),
    { numRuns: 150 },
  )
})
