import type { Share } from './jobs.ts'
import { reportOf } from './report.ts'

// Nobody is left who would hear of the seeds.
process.once('disconnect', () => process.exit())

const { from, to, step, ...how } = JSON.parse(process.argv[2] ?? '') as Share
for (let seed = from; seed <= to; seed += step) {
  const report = await reportOf(seed, how)
  await new Promise((sent) => process.send?.(report, sent))
}
process.disconnect()
