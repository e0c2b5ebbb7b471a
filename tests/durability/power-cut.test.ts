import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { seededRandom } from '@kafkado/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Acknowledgement } from './acknowledgement.ts'
import { checkFolder } from './check-folder.ts'
import { readTrace, SimulatedDisk, type TraceFrame } from './disk-trace.ts'

const run = promisify(execFile)
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
/** More where time does not matter. */
const cuts = Number(process.env['KAFKADO_CUTS'] ?? (process.env['CI'] ? 500 : 50))

const compiler = ['/usr/bin/cc', '/usr/local/bin/cc', '/usr/bin/gcc'].find((path) => existsSync(path))
const canRecord = process.platform === 'linux' && compiler !== undefined
if (!canRecord)
  console.warn('power cuts are NOT tested: recording the writes of a process needs Linux and a C compiler (cc)')

describe.skipIf(!canRecord && !process.env['CI'])('a power cut at any moment of a recorded run', () => {
  let folder = ''
  let frames: TraceFrame[] = []

  /** Runs the workload to its end; returns what it wrote and what it said. */
  const record = async (
    faults: Record<string, string> = {},
  ): Promise<{ frames: TraceFrame[]; said: string; signal: string }> => {
    const place = await mkdtemp(join(folder, 'run-'))
    const trace = join(place, 'trace')
    const recorder = { LD_PRELOAD: join(folder, 'record-writes.so'), KAFKADO_TRACE: trace }
    const parameters = ['--conditions=kafkado-source', here('workload.ts'), place]
    const options = { env: { ...process.env, ...recorder, ...faults }, maxBuffer: 1e8 }
    const { stderr: said, signal } = await run(process.execPath, parameters, options).then(
      ({ stderr }) => ({ stderr, signal: null }),
      (failure: { stderr: string; signal: string | null }) => failure,
    )
    return { frames: readTrace(trace), said, signal: signal ?? '' }
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kafkado-power-'))
    const recorder = join(folder, 'record-writes.so')
    await run(compiler as string, [
      '-shared',
      '-fPIC',
      '-O1',
      '-o',
      recorder,
      here('record-writes.c'),
      '-ldl',
      '-lpthread',
    ])
    const recorded = await record()
    expect([recorded.said, recorded.signal]).toEqual(['', ''])
    frames = recorded.frames
  }, 60_000)
  afterAll(() => rm(folder, { recursive: true }))

  /** Cuts the power at so many places of the run; returns what was wrong after each. */
  const cutPower = async (
    disk: SimulatedDisk,
    places: number,
    check: typeof checkFolder,
    enough = Number.POSITIVE_INFINITY,
  ): Promise<string[]> => {
    const random = seededRandom(places)
    const chosen = new Set<number>()
    while (chosen.size < Math.min(places, frames.length)) chosen.add(Math.floor(random.next() * frames.length))
    const violations: string[] = []
    const image = join(folder, 'image')
    for (const [index, frame] of frames.entries()) {
      disk.play(frame)
      if (!chosen.has(index) || violations.length >= enough) continue
      await mkdir(image)
      for (const [name, content] of disk.afterPowerCut(random)) await writeFile(join(image, name), content)
      const told = disk.acknowledged.map((line) => JSON.parse(line) as Acknowledgement)
      violations.push(...(await check(image, told)).map((what) => `cut ${index}: ${what}`))
      await rm(image, { recursive: true })
    }
    return violations
  }

  it(`leaves everything that was acknowledged and nothing torn (${cuts} cuts)`, async () => {
    const disk = new SimulatedDisk()
    expect(frames.length).toBeGreaterThan(cuts)
    expect(await cutPower(disk, cuts, checkFolder)).toEqual([])
    const writes = frames.filter(({ op }) => op === 'W').length
    const syncs = frames.filter(({ op }) => op === 'D').length
    const { kept, lost, torn, replaced } = disk.counts
    expect(replaced).toBeGreaterThan(0)
    console.log(
      `${cuts} power cuts in a run of ${writes} writes, ${syncs} syncs, ${disk.acknowledged.length} acknowledgements, the file replaced by a smaller one ${replaced} times; of the writes not yet synced ${kept} were kept, ${lost} lost, ${torn} torn`,
    )
  }, 600_000)

  it.each([
    ['sync', { KAFKADO_FAIL_SYNC: '60' }],
    ['sync', { KAFKADO_FAIL_SYNC: '150' }],
    ['write, as on a full disk,', { KAFKADO_FAIL_WRITE: '300' }],
    ['write, as on a full disk,', { KAFKADO_FAIL_WRITE: '601' }],
  ])(
    'after a %s that failed leaves everything that was acknowledged',
    async (_what, faults) => {
      const failed = await record(faults)
      // LMDB's binding can end the process then (not-supported.md); what the engine says is tested on a storage that fails cleanly.
      expect(failed.signal !== '' || /StorageError|Commit failed/.test(failed.said)).toBe(true)
      const disk = new SimulatedDisk()
      for (const frame of failed.frames) disk.play(frame)
      const told = disk.acknowledged.map((line) => JSON.parse(line) as Acknowledgement)
      expect(told.length).toBeGreaterThan(20)
      const random = seededRandom(9)
      for (let cut = 0; cut < 10; cut++) {
        const image = await mkdtemp(join(folder, 'image-'))
        for (const [name, content] of disk.afterPowerCut(random)) await writeFile(join(image, name), content)
        expect(await checkFolder(image, told)).toEqual([])
      }
    },
    60_000,
  )

  it('is found out when the disk says it has synced and has not', async () => {
    const checkAlone = async (image: string, told: readonly Acknowledgement[]): Promise<string[]> => {
      const toldFile = join(folder, 'told.json')
      await writeFile(toldFile, JSON.stringify(told))
      const parameters = ['--conditions=kafkado-source', here('check-folder-alone.ts'), image, toldFile]
      return run(process.execPath, parameters, { maxBuffer: 1e8 }).then(
        ({ stdout }) => stdout.trim().split('\n').filter(Boolean),
        ({ signal, code }: { signal?: string; code?: number }) => [`the process ended with ${signal ?? code}`],
      )
    }
    expect((await cutPower(new SimulatedDisk(true), 40, checkAlone, 1)).length).toBeGreaterThan(0)
  }, 120_000)
})
