import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runVector } from './run-vector.ts'
import { storagesFor, vectorStorages } from './storages.ts'
import type { VectorFile } from './vector.ts'
import { vectorFiles } from './vector-files.ts'

const shared = new URL('../../../shared/vectors/streams.json', import.meta.url)
if (!existsSync(shared)) console.warn(`SKIPPED: vectors of Kafka Streams are not at ${shared.pathname}`)
const files = [shared, ...vectorFiles].filter((file) => existsSync(file))
const vectors = files.flatMap((file) => (JSON.parse(readFileSync(file, 'utf8')) as VectorFile).vectors)

describe('what Kafka Streams makes of the same records', () => {
  for (const storage of vectorStorages) {
    describe(`stores: ${storage.name}`, () => {
      for (const vector of vectors) {
        if (!storagesFor(vector).includes(storage)) continue
        it(vector.name, async () => {
          expect(await runVector(vector, storage)).toBeUndefined()
        })
      }
    })
  }
})

describe('the runner', () => {
  it('finds a wrong value, a missing and a superfluous output, and a wrong count of dropped records', async () => {
    const [storage] = vectorStorages
    if (!storage) throw new Error('there is no storage')
    const inputs = [{ key: 'k', value: 'a', ts: 1 }]
    const right = { step: 0, key: 'k', value: 1, ts: 1 }
    const run = (expected: unknown[], expectedDroppedRecords = 0): Promise<string | undefined> =>
      runVector(
        {
          name: 'probe',
          kind: 'must',
          operation: 'aggregate',
          params: { agg: 'count' },
          inputs,
          expected,
          expectedDroppedRecords,
        },
        storage,
      )
    expect(await run([right])).toBeUndefined()
    expect(await run([{ ...right, value: 2 }])).toContain('output 0')
    expect(await run([right, right])).toContain('output 1')
    expect(await run([])).toContain('output 0')
    expect(await run([right], 1)).toContain('dropped')
  })
})
