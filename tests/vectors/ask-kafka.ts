import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { LibrariesUnavailable } from '../../scripts/maven-libraries.ts'
import { KafkaStreams } from '../streams-oracle/kafka-streams.ts'
import { toldOtherwise, toldVector } from './told-by-kafka.ts'
import type { Vector, VectorFile } from './vector.ts'

interface Counts {
  same: number
  /** Those whose operation Java does not build, by its name. */
  readonly unknown: Map<string, number>
  failed: number
}

/**
 * Runs vectors on Kafka Streams itself, and prints a line for each of which it says something else than the file.
 *
 * @param writes whether the file is to say afterwards what Kafka Streams said
 * @returns whether all was as in the files, or was written
 */
export async function askKafka(files: readonly URL[], writes: boolean): Promise<boolean> {
  await using kafka = kafkaStreams()
  if (!kafka) return process.env['CI'] !== undefined
  const counts: Counts = { same: 0, unknown: new Map(), failed: 0 }
  for (const file of files) {
    const content = JSON.parse(readFileSync(file, 'utf8')) as VectorFile
    const vectors: Vector[] = []
    for (const vector of content.vectors) vectors.push(await told(kafka, vector, writes, counts))
    if (!writes) continue
    writeFileSync(file, `${JSON.stringify({ ...content, vectors }, null, 2)}\n`)
    console.log(`written: ${fileURLToPath(file)}; format it with npm run format:fix`)
  }
  const { same, unknown, failed } = counts
  const unknownCount = [...unknown.values()].reduce((sum, count) => sum + count, 0)
  for (const [operation, count] of unknown)
    console.log(`NOT ASKED: ${count} of operation '${operation}', which tests/streams-oracle/java does not build`)
  console.log(
    `${same} vectors are what Kafka Streams makes of them, ${failed} ${writes ? 'were written anew' : 'are not'},` +
      ` ${unknownCount} were not asked for`,
  )
  return writes || failed === 0
}

/** What Kafka Streams says of a vector, or the vector as it is. */
async function told(kafka: KafkaStreams, vector: Vector, writes: boolean, counts: Counts): Promise<Vector> {
  const { name, operation } = vector
  const outcome = await kafka.runVector(vector)
  if ('error' in outcome) {
    if (outcome.error.includes(`there is no operation ${operation}`)) {
      counts.unknown.set(operation, (counts.unknown.get(operation) ?? 0) + 1)
      return vector
    }
    throw new Error(`${name}: Kafka Streams does not run it: ${outcome.error}`)
  }
  const now = toldVector(vector, outcome)
  const otherwise = toldOtherwise(vector, now)
  if (otherwise === undefined) {
    counts.same++
    return vector
  }
  counts.failed++
  console.log(`${writes ? 'WRITTEN' : 'DIFFERS'} ${name}: ${otherwise}`)
  return now
}

function kafkaStreams(): KafkaStreams | undefined {
  try {
    return new KafkaStreams()
  } catch (error) {
    if (!(error instanceof LibrariesUnavailable)) throw error
    const line = '='.repeat(100)
    console.error(
      `\n${line}\nNOT TESTED: whether vectors are what Kafka Streams makes of them (tests/vectors).\n` +
        `${error.message}\nIt needs a JDK 17 and Maven, once also a network to fetch its libraries.\n${line}\n`,
    )
    return undefined
  }
}
