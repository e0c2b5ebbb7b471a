import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { partTimeoutMs, testPart } from '../reliability/test-part.ts'
import { crashPoints } from './crash-points.ts'
import { cutPower } from './power-cuts.ts'
import { canRecord, Recorder } from './recorder.ts'

if (!canRecord)
  console.warn('power cuts are NOT tested: recording the writes of a process needs Linux and a C compiler (cc)')

describe.skipIf(!canRecord && !process.env['CI'])('a power cut at any moment of a recorded run', () => {
  it(
    'leaves everything that was acknowledged and nothing torn, also after a sync or a write that failed',
    { timeout: partTimeoutMs },
    () =>
      testPart(crashPoints, [
        'runs with a failed sync',
        'runs with a failed write',
        'writes lost',
        'writes torn',
        'writes kept',
      ]),
  )

  describe('when the disk says that it has synced and has not', () => {
    let recorder: Recorder
    beforeAll(async () => {
      recorder = await Recorder.open()
    }, 60_000)
    afterAll(() => recorder[Symbol.asyncDispose]())

    it.each(['journal', 'lmdb', 'sqlite'] as const)(
      'is found out, with %s',
      async (storage) => {
        const { trace, said } = await recorder.record(storage, 20, 7)
        expect(said).toBe('')
        const { violations } = await cutPower({ trace, seed: 1, cuts: 40, isLying: true })
        expect(violations.length).toBeGreaterThan(0)
      },
      120_000,
    )
  })
})
