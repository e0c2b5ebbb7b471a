import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { verifyFolder } from '@kafkado/broker/disk'
import { type Part, ReportBuilder, type Sized } from '../reliability/report.ts'
import { dayMs, DayOfWork, type DaySize } from './day-of-work.ts'
import { Stalls } from './stalls.ts'
import { type Sample, slopeOf } from './trend.ts'

interface StorageDaySize extends Sized, DaySize {
  /** The folder never takes more. */
  readonly folderBytes: number
  readonly samples: number
}

const mebibyte = 1024 * 1024
/** The beginning fills: what is kept for a while, caches, compiled code. */
const warmUpShare = 0.25
/** By how much each may rise from there to the end of the day: a share of what it is on average, and so much more. */
const mayRise: Readonly<Record<string, readonly [share: number, more: number]>> = {
  'folder in MiB': [0.1, 32],
  files: [0.1, 6],
  'heap in MiB': [0.1, 8],
  'outside the heap in MiB': [0.1, 16],
  // It goes up in steps with the heap of glibc and then stays: once a long piece was given back, pieces as long come
  // from that heap, and leave holes in it. With MALLOC_MMAP_THRESHOLD_=131072 it stays 25 MiB lower; what the program
  // holds (the two above) is the same.
  'resident in MiB': [0.15, 32],
  descriptors: [0.1, 6],
  '99th percentile of own stalls in ms': [0.25, 5],
  'longest own stall in ms': [0.5, 15],
}

/**
 * A day of records through an engine in a folder that is much smaller, in fast motion: the disk is real, and the clock
 * by which retention and compaction go is advanced.
 */
export const storageDay: Part<StorageDaySize> = {
  sizes: {
    full: { ...size(20e9, 2e9, 1000), steps: 288, samples: 96 },
    // Too short to tell what rises: whether all of it goes on, and room is given back, is what these show.
    ci: { ...size(300e6, 160e6, 50), steps: 48, samples: 4 },
    quick: { ...size(150e6, 160e6, 20), steps: 24, samples: 4 },
  },
  async run({ seeds, ...size }) {
    const report = new ReportBuilder(seeds)
    await report.eachSeedInFolder(async (seed, folder) => {
      const samples = await passDay(folder, size, seed, report)
      const { verifiedBytes, damaged } = await verifyFolder(folder)
      report.add({ 'bytes verified at the end': verifiedBytes })
      for (const { file, byte } of damaged) report.violations.push(`${file} is damaged at byte ${byte}`)
      judge(samples, size, report)
    })
    return report.build()
  },
}

/**
 * About two fifths of a folder count: as much again may lie there until it is given back, and the files that are
 * written to are left.
 */
function size(dayBytes: number, folderBytes: number, partitions: number) {
  const seeds = { first: 1, last: 1 }
  return { seeds, dayBytes, folderBytes, partitions, liveBytes: Math.max((folderBytes - 64 * mebibyte) * 0.4, 16e6) }
}

async function passDay(
  folder: string,
  size: Omit<StorageDaySize, 'seeds'>,
  seed: number,
  report: ReportBuilder,
): Promise<Sample[]> {
  const samples: Sample[] = []
  await using work = new DayOfWork(folder, size, seed)
  await work.makeTopics()
  const stalls = new Stalls()
  const stepsOfSample = size.steps / size.samples
  for (let step = 1; step <= size.steps; step++) {
    await work.step()
    if (step % stepsOfSample !== 0) continue
    const counted = await count(folder, stalls)
    samples.push({ atMs: (dayMs * step) / size.steps, counted })
    if (!process.env['VITEST']) console.error(`${((24 * step) / size.steps).toFixed(1)} h: ${JSON.stringify(counted)}`)
  }
  stalls.stop()
  await work.checkEnds()
  report.add(work.counts)
  report.violations.push(...work.violations.slice(0, 20))
  return samples
}

async function count(folder: string, stalls: Stalls): Promise<Record<string, number>> {
  const stalled = stalls.take()
  for (let round = 0; round < 3; round++) {
    await turn()
    globalThis.gc?.()
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  const { bytes, files } = await sizeOf(join(folder, 'journal'))
  const descriptors = (await readdir('/proc/self/fd').catch(() => [])).length
  // What counting takes is nobody's stall.
  await turn()
  stalls.reset()
  return {
    'folder in MiB': Math.round(bytes / mebibyte),
    files,
    'heap in MiB': Math.round(heapUsed / mebibyte),
    'outside the heap in MiB': Math.round(external / mebibyte),
    'resident in MiB': Math.round(rss / mebibyte),
    descriptors,
    ...stalled,
  }
}

async function sizeOf(folder: string): Promise<{ bytes: number; files: number }> {
  const names = await readdir(folder)
  // Some go meanwhile.
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => ({ size: 0 }))))
  return { bytes: sizes.reduce((sum, one) => sum + one.size, 0), files: names.length }
}

function judge(
  samples: readonly Sample[],
  { folderBytes }: StorageDaySize | Omit<StorageDaySize, 'seeds'>,
  report: ReportBuilder,
) {
  const most = Math.max(...samples.map(({ counted }) => counted['folder in MiB'] ?? 0))
  if (most > folderBytes / mebibyte)
    report.violations.push(`the folder took ${most} MiB, ${Math.round(folderBytes / mebibyte)} are allowed`)
  const steady = samples.filter(({ atMs }) => atMs > dayMs * warmUpShare)
  for (const name of Object.keys(samples[0]?.counted ?? {})) {
    const values = steady.map(({ counted }) => counted[name] ?? 0)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const rise =
      slopeOf(steady.map(({ atMs }, index) => [atMs / dayMs, values[index] ?? 0] as const)) * (1 - warmUpShare)
    report.details[name] =
      `${Math.min(...values)} to ${Math.max(...values)}, ${mean.toFixed(1)} on average, ${rise.toFixed(1)} more at` +
      ` the end`
    const [share, more] = mayRise[name] ?? [Number.POSITIVE_INFINITY, 0]
    if (samples.length >= 24 && rise > mean * share + more)
      report.violations.push(`${name} rises by ${rise.toFixed(1)}, from ${mean.toFixed(1)} on average`)
  }
}
