import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { seededRandom } from '@kafkado/core'
import type { Acknowledgement } from './acknowledgement.ts'
import { checkFolder } from './check-folder.ts'
import { readTrace } from './disk-trace.ts'
import type { CutPlan } from './power-cuts.ts'
import { SimulatedDisk } from './simulated-disk.ts'

/**
 * A process that does its share of a plan: plays the trace to a disk, cuts the power, opens what is left, compares it
 * with what was acknowledged by then. Says each of these as a line of JSON, so that whoever reads them knows where it
 * was when it ended.
 */
const [planText = '', share = '0', shares = '1'] = process.argv.slice(2)
const { trace, seed, cuts, isLying } = JSON.parse(planText) as CutPlan
/** Where something is wrong, more of the same says nothing new. */
const enough = 20

/**
 * A cut that leaves what one before it has left is drawn again, so often: in a short run few places leave anything new.
 */
const draws = 4
/** Neighbouring places often leave the same, so one process has them all. */
const placesTogether = 50

const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`)
const frames = readTrace(trace)
const random = seededRandom(seed)
const places = Array.from({ length: cuts }, () => Math.floor(random.next() * frames.length)).sort((a, b) => a - b)
const isMine = ({ place }: { place: number }): boolean =>
  Math.floor(place / placesTogether) % Number(shares) === Number(share)

const folder = await mkdtemp(join(dirname(trace), 'cuts-'))
const disk = new SimulatedDisk(isLying)
const told: Acknowledgement[] = []
const seen = new Set<string>()
let [played, wrong] = [0, 0]
for (const { place, cut } of places.map((at, index) => ({ place: at, cut: index })).filter(isMine)) {
  if (wrong >= enough) break
  for (; played <= place; played++) disk.play(frames[played] as (typeof frames)[number])
  for (const line of disk.acknowledged.splice(0)) told.push(JSON.parse(line) as Acknowledgement)
  const left = somethingNew(cut)
  if (!left) continue
  say({ at: `cut ${cut} of ${cuts} after write ${place} of ${frames.length}` })
  const image = join(folder, `${cut}`)
  await mkdir(image)
  for (const [name, content] of left) {
    await mkdir(dirname(join(image, name)), { recursive: true })
    await writeFile(join(image, name), content)
  }
  for (const violation of await checkFolder(image, told)) {
    wrong++
    say({ wrong: violation })
  }
  await rm(image, { recursive: true })
}

/** What a cut leaves now, unless the same was left before when the same was acknowledged. */
function somethingNew(cut: number): Map<string, Buffer> | undefined {
  for (let draw = 0; draw < draws; draw++) {
    // Each cut has its own chance, so that it can be looked at alone.
    const left = disk.afterPowerCut(seededRandom((seed * 1_000_003 + cut) * draws + draw))
    const content = [...left].map(([name, bytes]) => `${name}:${bytes.length}:${crc32(bytes)}`)
    const point = [told.length, ...content].join(' ')
    if (seen.has(point)) continue
    seen.add(point)
    return left
  }
  return undefined
}

const { kept, lost, torn, replaced } = disk.counts
say({
  counts: {
    'different crash points': seen.size,
    'writes kept': kept,
    'writes lost': lost,
    'writes torn': torn,
    'files replaced before the cut': replaced,
  },
})
await rm(folder, { recursive: true })
