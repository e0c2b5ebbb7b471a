// Says the hash of the history of each of these seeds, in this order, a line for each.
import { simulate } from '../simulation/simulate.ts'

for (const seed of process.argv.slice(2).map(Number)) {
  const { hash } = await simulate(seed)
  process.stdout.write(`${seed} ${hash}\n`)
}
