import { type Job, type Measured, measure } from './measure.ts'
import { sayLoudly } from './say-loudly.ts'
import { sumOf, type Topics } from './topics.ts'

/** How many records each partition gets. That follows from the keys, so it has to be the same whoever writes them. */
const spreads = new Map<number, string>()

/** Writes into a topic that is removed afterwards. @throws when it does not hold what was sent, in its partitions */
export async function measureInNewTopic(topics: Topics, job: Job, triesLeft = 2): Promise<Measured> {
  const topic = `${job.topic}-${triesLeft}`
  await topics.create(topic)
  const measured = await measure({ ...job, topic })
  const counts = await topics.counts(topic)
  await topics.delete(topic)
  if (measured === 'unsupported') return measured
  const sent = job.records + job.warmUpRecords
  const surplus = sumOf(counts) - sent
  if (surplus > 0 && triesLeft > 0) {
    // Which may happen, where batches are not numbered.
    sayLoudly(`${job.client}, ${job.scenario.name}: ${surplus} records were written twice; this is measured again.`)
    return measureInNewTopic(topics, job, triesLeft - 1)
  }
  if (surplus !== 0) throw new Error(`${job.client}, ${job.scenario.name}: left ${surplus} records more than were sent`)
  const spread = spreads.get(sent) ?? counts.join(', ')
  spreads.set(sent, spread)
  if (counts.join(', ') !== spread)
    throw new Error(`${job.client} left ${counts.join(', ')} records in the partitions, the first one ${spread}`)
  return measured
}
