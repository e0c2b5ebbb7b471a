import { LibrariesUnavailable } from '../../../scripts/maven-libraries.ts'
import { freshName } from '../../fresh-name.ts'
import { clientsHere, versionOf } from '../../kafka/describe-clients.ts'
import { startBroker } from '../../kafka/find-brokers.ts'
import { measureInNewTopic } from '../../kafka/measure-in-new-topic.ts'
import { type Job, measure } from '../../kafka/measure.ts'
import { type Scenario, scenarios } from '../../kafka/scenarios.ts'
import { Topics } from '../../kafka/topics.ts'
import { type Pace, paced } from '../../pace.ts'
import { type Comparison, type Figures, NotMeasurable, type Opened, type Side, type Target } from '../comparison.ts'
import { timesAsCheap, timesAsFast } from '../judges.ts'

const kafkado = 'kafkado'
const peers = ['@platformatic/kafka', 'kafkajs', 'confluent', 'confluent, callbacks']

/** Scenarios of `npm run bench -- kafka`, which has more of them. */
const compared = {
  'kafka-produce-calls': { scenario: 'produce, calls of 100 records', atLeast: 2 },
  'kafka-produce-single': { scenario: 'produce, one by one', atLeast: 2 },
  'kafka-consume-bytes': { scenario: 'consume bytes', atLeast: 1.5 },
  'kafka-consume-parsed': { scenario: 'consume and JSON.parse', atLeast: 1.15 },
} as const

export const kafka: Comparison = {
  name: 'kafka',
  targets: Object.entries(compared).flatMap(([name, { scenario, atLeast }]): Target[] => {
    const shared = {
      ours: sideOf(kafkado, scenario),
      against: peers.map((peer) => sideOf(peer, scenario)),
      target: atLeast,
    }
    const what = `on one Apache Kafka broker, acks all: ${scenario}`
    return [
      { name, what, ...shared, ...timesAsFast() },
      { name: `${name}-cpu`, what: `${what}, client CPU`, ...shared, ...timesAsCheap() },
    ]
  }),
  settings:
    'Keyed values of 200 bytes, 6 partitions, batches of 16 KB, no compression, batches not numbered (numbering ' +
    'takes pipelining from two of the others), each client called in the fastest way that its documentation ' +
    'shows; the broker does not sync, for all of them alike.',
  warmUp: '0.4 of the measured records, in the process of each client and round',
  open: (pace) => openKafka(pace),
}

async function openKafka(pace: Pace): Promise<Opened> {
  const cluster = await startBroker().catch((error: unknown) => {
    throw error instanceof LibrariesUnavailable ? new NotMeasurable(`no Apache Kafka here: ${error.message}`) : error
  })
  const records = paced(300_000, pace, 1000)
  const warmUpRecords = paced(120_000, pace, 1000)
  const brokers = cluster.bootstrapServers
  const topics = new Topics(brokers)
  await topics.fill('filled', records)
  await topics.fill('warm-up', warmUpRecords)
  const clients = clientsHere()
  const sides: Side[] = []
  for (const { scenario: name } of Object.values(compared)) {
    const scenario = scenarios.find((one) => one.name === name)
    if (!scenario) throw new Error(`there is no scenario '${name}'`)
    for (const client of clients.filter((one) => canDo(one, scenario))) {
      const job: Job = { client, scenario, brokers, topic: 'filled', records, warmUpTopic: 'warm-up', warmUpRecords }
      sides.push({
        name: sideOf(client, name),
        ...(client !== kafkado && { version: versionOf(client) }),
        measure: () => figuresOf(topics, job),
      })
    }
  }
  return {
    sides,
    async close() {
      await topics.close()
      await cluster.close()
    },
  }
}

function sideOf(client: string, scenario: string): string {
  return `${client}: ${scenario}`
}

/** A call of kafkajs is a request, so single sends would be requests of one record each. */
function canDo(client: string, scenario: Scenario): boolean {
  return client !== 'kafkajs' || scenario.kind === 'consume' || scenario.recordsPerCall !== undefined
}

async function figuresOf(topics: Topics, job: Job): Promise<Figures> {
  const spent =
    job.scenario.kind === 'consume'
      ? await measure(job)
      : await measureInNewTopic(topics, { ...job, topic: freshName('bench') })
  if (spent === 'unsupported') throw new Error(`${job.client} does not do '${job.scenario.name}'`)
  return { recordsPerSecond: job.records / spent.seconds, cpuUs: (spent.cpuSeconds * 1e6) / job.records }
}
