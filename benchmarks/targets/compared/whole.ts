import { LibrariesUnavailable } from '../../../scripts/maven-libraries.ts'
import { freshName } from '../../fresh-name.ts'
import { versionOf } from '../../kafka/describe-clients.ts'
import { type Job, type Measured, measure } from '../../kafka/measure.ts'
import { scenarios } from '../../kafka/scenarios.ts'
import { type Pace, paced } from '../../pace.ts'
import { type Comparison, type Figures, NotMeasurable, type Opened, type Side, type Target } from '../comparison.ts'
import { timesAsFast, timesTheCost } from '../judges.ts'
import { ourServer, type Place, syncingBroker } from '../whole-places.ts'

const ours = 'kafkado'
const peers = ['@platformatic/kafka', 'kafkajs']
const shared = { ours, against: peers }

/** From a producer through a server and its disk to a consumer. */
export const whole: Comparison = {
  name: 'whole',
  targets: [
    row('whole', 'produce and consume', timesAsFast(), 3),
    row('whole-produce', 'produce', timesAsFast('producedPerSecond', 'records produced/s'), 2),
    row('whole-consume', 'consume', timesAsFast('consumedPerSecond', 'records consumed/s'), 2),
    row('whole-server-cpu', 'CPU of the server or broker', timesTheCost('serverCpuUs', 'server CPU a record'), 1),
  ],
  settings:
    'Keyed values of 200 bytes in calls of 100 records, 6 partitions, then read and parsed. Ours: serve on a folder, ' +
    'client over HTTP, batches numbered as by default. Theirs, not numbered, as is their default: one broker of ' +
    'Apache Kafka 4 in Java with flush.messages=1, so that both sync before they acknowledge.',
  warmUp: '0.4 of the measured records, in the process of each client and round; the broker also one round before',
  open: (pace) => openWhole(pace),
}

function row(name: string, what: string, judged: ReturnType<typeof timesAsFast>, target: number): Target {
  return { name, what: `the whole, synced to disk: ${what}`, ...shared, ...judged, target }
}

async function openWhole(pace: Pace): Promise<Opened> {
  if (process.platform !== 'linux') throw new NotMeasurable('only Linux says what another process has taken')
  const broker = await syncingBroker().catch((error: unknown) => {
    throw error instanceof LibrariesUnavailable ? new NotMeasurable(`no Apache Kafka here: ${error.message}`) : error
  })
  const server = await ourServer()
  const sides: Side[] = []
  for (const [client, place] of [[ours, server], ...peers.map((peer) => [peer, broker] as const)] as const) {
    const measureOne = await wayThrough(client, place, pace)
    await measureOne()
    sides.push({ name: client, ...(client !== ours && { version: versionOf(client) }), measure: measureOne })
  }
  return { sides, close: () => Promise.all([server.close(), broker.close()]) }
}

/** A round writes into a topic of its own, and reads all of it. */
async function wayThrough(client: string, place: Place, pace: Pace): Promise<() => Promise<Figures>> {
  // Whole thousands: the records repeat after so many, and readers check what they add up to.
  const records = paced(60_000, pace, 1000)
  const warmUpRecords = paced(24_000, pace, 1000)
  const warmUpTopic = freshName('warm-up')
  const job = { client, brokers: place.address, warmUpTopic, warmUpRecords }
  await place.create(warmUpTopic)
  // Each as it is by default: ours numbers its batches, which takes pipelining from the others.
  const scenario = named(`produce, calls of 100 records${client === ours ? ', idempotent' : ''}`)
  await measure({ ...job, scenario, topic: warmUpTopic, records: warmUpRecords, warmUpRecords: 0 })
  return async () => {
    const topic = freshName('bench')
    await place.create(topic)
    const cpuBefore = await place.cpuUs()
    const produced = await spentBy({ ...job, scenario, topic, records })
    const all = records + warmUpRecords
    const consumed = await spentBy({ ...job, scenario: named('consume and JSON.parse'), topic, records: all })
    const serverCpuUs = ((await place.cpuUs()) - cpuBefore) / all
    await place.delete(topic)
    return {
      recordsPerSecond: 1 / (produced.seconds / records + consumed.seconds / all),
      producedPerSecond: records / produced.seconds,
      consumedPerSecond: all / consumed.seconds,
      cpuUs: (produced.cpuSeconds / records + consumed.cpuSeconds / all) * 1e6,
      serverCpuUs,
    }
  }
}

async function spentBy(job: Job): Promise<Exclude<Measured, 'unsupported'>> {
  const measured = await measure(job)
  if (measured === 'unsupported') throw new Error(`${job.client} does not do '${job.scenario.name}'`)
  return measured
}

function named(name: string): Job['scenario'] {
  const scenario = scenarios.find((one) => one.name === name)
  if (!scenario) throw new Error(`there is no scenario '${name}'`)
  return scenario
}
