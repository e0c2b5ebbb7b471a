import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { askKafka } from './ask-kafka.ts'
import { deviations } from './deviations.ts'
import { runVector } from './run-vector.ts'
import { storagesFor, vectorStorages } from './storages.ts'
import type { VectorFile } from './vector.ts'
import { vectorFiles } from './vector-files.ts'

/**
 * `npm run vectors -- FILE` runs the vectors of a file on ours. With `--kafka-streams` they run on Kafka Streams, those
 * of all files here unless some are named: a line tells of each that is not what it makes of the same records, and
 * `--write` writes them anew.
 */
const { values, positionals } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== '--'),
  options: { 'kafka-streams': { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const [path] = positionals
if (values['kafka-streams']) {
  const files = positionals.map((name) => pathToFileURL(resolve(name)))
  if (!(await askKafka(files.length > 0 ? files : vectorFiles, values.write))) process.exitCode = 1
} else if (path === undefined) {
  console.error('usage: npm run vectors -- FILE, or npm run vectors -- --kafka-streams [--write] [FILE…]')
  process.exitCode = 2
} else {
  const { vectors } = JSON.parse(await readFile(path, 'utf8')) as VectorFile
  let [passed, failed] = [0, 0]
  for (const storage of vectorStorages) {
    for (const vector of vectors) {
      // Names, for comparison: ours are made of other things.
      if (vector.kind === 'reference' || !storagesFor(vector).includes(storage)) continue
      const mismatch = await runVector(vector, storage)
      if (mismatch === undefined) passed++
      else if (vector.kind === 'kafka-quirk' && !vector.recommended && !(vector.name in deviations)) {
        // What Kafka does is not to be followed as such, and what is better is only said in words.
        console.log(`DIFFERS ${vector.name} (${storage.name}): ${mismatch}`)
        console.log(`  note: ${vector.note ?? 'none'}`)
      } else {
        failed++
        console.log(`FAILED ${vector.name} (${vector.kind}, ${storage.name}): ${mismatch}`)
        if (vector.note !== undefined) console.log(`  note: ${vector.note}`)
      }
    }
  }
  console.log(`${passed} passed, ${failed} failed`)
  if (failed > 0) process.exitCode = 1
}
