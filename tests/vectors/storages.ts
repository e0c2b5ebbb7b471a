import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '@kafkado/core'
import type { StateStorage } from '@kafkado/streams'
import { platform, withTimestamp } from '@kafkado/streams/internal'
import type { VectorStorage } from './run-vector.ts'
import type { Vector } from './vector.ts'

const encoder = new TextEncoder()

const inMemory: VectorStorage = {
  name: 'memory',
  open: () => Promise.resolve(undefined),
  flush: () => Promise.resolve(),
  close: () => Promise.resolve(),
}

/** Stores in memory that are made anew after each input, from what they have written. */
const restarted: VectorStorage = {
  ...inMemory,
  name: 'restarted',
  flush(driver) {
    driver.restart()
    return Promise.resolve()
  },
}

/** Stores over a folder, which after each input hold nothing in memory that they could read again. */
class InFolder implements VectorStorage {
  readonly name = 'folder'
  readonly #storages = new Map<string, StateStorage>()
  #folder: string | undefined

  async open(tasks = 4): Promise<(task: string) => StateStorage> {
    this.#folder = await mkdtemp(join(tmpdir(), 'kafkado-vector-'))
    const open = platform.stateStorageIn(this.#folder, seededRandom(1))
    for (let id = 0; id < tasks; id++) this.#storages.set(`${id}_0`, await open(`${id}_0`))
    return (task) => this.#storages.get(task) as StateStorage
  }

  async flush(driver: Parameters<VectorStorage['flush']>[0]): Promise<void> {
    for (const { task, store, changes } of driver.commit()) {
      const written = changes.map(({ key, value, timestamp }) => ({
        store,
        key,
        value:
          value === null ? null : withTimestamp(typeof value === 'string' ? encoder.encode(value) : value, timestamp),
      }))
      await this.#storages.get(task)?.write(written, {})
    }
    driver.evict()
  }

  async close(): Promise<void> {
    for (const storage of this.#storages.values()) await storage.close()
    this.#storages.clear()
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
  }
}

export const vectorStorages: readonly VectorStorage[] = [inMemory, new InFolder(), restarted]

/** Where the stores of a vector may be: a restart schedules anew what is to be done by the clock, or at an interval. */
export function storagesFor({ params }: Pick<Vector, 'params'>): readonly VectorStorage[] {
  const isScheduled = params.at === 'punctuation' || JSON.stringify(params).includes('"wall-clock"')
  return vectorStorages.filter((storage) => !isScheduled || storage !== restarted)
}
