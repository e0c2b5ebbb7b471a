import { freshName } from '../fresh-name.ts'
import { rounds } from '../median.ts'
import { describeClients } from './describe-clients.ts'
import { findBrokers } from './find-brokers.ts'
import { measureInNewTopic } from './measure-in-new-topic.ts'
import { type Job, measure } from './measure.ts'
import { printScenario } from './report.ts'
import { scenarios } from './scenarios.ts'
import type { ProcessSpent } from './spending.ts'
import { Topics } from './topics.ts'

const records = Number(process.env['KAFKADO_BENCH_RECORDS'] ?? 500_000)
const warmUpRecords = Math.ceil(records * 0.4)

/**
 * Produce and consume against one broker of Apache Kafka, beside the other clients for Node. KAFKA_BROKERS names a
 * broker that runs already; KAFKADO_BENCH_CLIENTS and KAFKADO_BENCH_SCENARIOS choose by the beginnings of names, with
 * semicolons in between.
 */
export async function benchmarkKafka(): Promise<void> {
  const clients = await describeClients(chosenBy('KAFKADO_BENCH_CLIENTS'))
  const isChosen = chosenBy('KAFKADO_BENCH_SCENARIOS')
  await using found = await findBrokers()
  if (!found) return
  const { brokers } = found
  const topics = new Topics(brokers)
  const run = freshName('bench')
  const filledTopic = `${run}-filled`
  const warmUpTopic = `${run}-warm-up`
  await topics.fill(filledTopic, records)
  await topics.fill(warmUpTopic, warmUpRecords)
  for (const scenario of scenarios.filter(({ name }) => isChosen(name))) {
    const results = new Map(clients.map((client) => [client, [] as ProcessSpent[]]))
    for (let round = 0; round < rounds; round++) {
      for (const [client, measurements] of results) {
        const topic = scenario.kind === 'produce' ? freshName(run) : filledTopic
        const job: Job = { client, scenario, brokers, topic, records, warmUpTopic, warmUpRecords }
        const measured = await (scenario.kind === 'produce' ? measureInNewTopic(topics, job) : measure(job))
        if (measured === 'unsupported') results.delete(client)
        else measurements.push(measured)
      }
    }
    printScenario(scenario, results, records)
  }
  await topics.delete(filledTopic)
  await topics.delete(warmUpTopic)
  await topics.close()
}

function chosenBy(variable: string): (name: string) => boolean {
  const beginnings = (process.env[variable] ?? '').split(';').map((one) => one.trim())
  return (name) => beginnings.some((beginning) => name.startsWith(beginning))
}
