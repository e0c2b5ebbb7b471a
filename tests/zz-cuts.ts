import { JournalCuts, journalFaults } from './durability/journal/journal-cuts.ts'
const until = performance.now() + Number(process.argv[3]) * 1000
let n = 0, cuts = 0, kills = 0, second = 0, bad = 0
for (let seed = Number(process.argv[2]); performance.now() < until; seed++, n++) {
  const run = new JournalCuts(seed, { cutChance: 0.15 })
  await run.run(journalFaults[seed % 5]!, 60)
  cuts += run.counts.cuts; kills += run.counts.kills; second += run.counts['second cuts']
  if (run.violations.length) { bad++; console.log(run.violations.slice(0, 3)) }
  if (bad > 5) break
}
console.log({ runs: n, cuts, kills, second, bad })
