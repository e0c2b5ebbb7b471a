// One scenario of one client in a process of its own; what comes first only warms up.
import { freshName } from '../fresh-name.ts'
import { keepInFlight } from './in-flight.ts'
import type { KafkaSubject, OpenProducer } from './kafka-subject.ts'
import type { Job, Measured } from './measure.ts'
import { ReadMeter } from './read-meter.ts'
import type { ConsumeScenario, ProduceScenario } from './scenarios.ts'
import { type ProcessSpent, startSpending } from './spending.ts'
import { subjectOf } from './subjects.ts'

const job = JSON.parse(process.argv[2] ?? '') as Job
const subject = await subjectOf(job.client)
const measured = await (job.scenario.kind === 'produce'
  ? measureProduce(subject, job.scenario)
  : measureConsume(subject, job.scenario))
// Some clients write there as well, so the last line counts; and some leave timers behind, hence the exit.
process.stdout.write(`\n${JSON.stringify(measured)}\n`, () => process.exit())

async function measureProduce(client: KafkaSubject, scenario: ProduceScenario): Promise<Measured> {
  const { brokers, topic, records, warmUpRecords } = job
  const { idempotent, lingerMs, recordsPerCall } = scenario
  const producer = await client.openProducer({ brokers, topic, idempotent, lingerMs })
  const atOnce = Number(process.env['KAFKADO_BENCH_CALLS'] ?? client.callsInFlight ?? 1)
  const produce = recordsPerCall === undefined ? producer.sendSingly : inCalls(producer, recordsPerCall, atOnce)
  if (!produce) return 'unsupported'
  await produce(warmUpRecords)
  const spent = startSpending()
  await produce(records)
  const measurement = spent()
  await producer.close()
  return measurement
}

function inCalls({ sendMany }: OpenProducer, size: number, atOnce: number): OpenProducer['sendSingly'] {
  if (!sendMany) return undefined
  return (count) =>
    keepInFlight(Math.ceil(count / size), atOnce, (call) => sendMany(call * size, Math.min(count, (call + 1) * size)))
}

async function measureConsume(client: KafkaSubject, { as }: ConsumeScenario): Promise<Measured> {
  const { brokers, topic, records, warmUpTopic, warmUpRecords } = job
  const read = async (from: string, count: number): Promise<ProcessSpent> => {
    const meter = new ReadMeter(count)
    const group = freshName(from)
    const [spent] = await Promise.all([meter.done, client.consume({ brokers, topic: from, group, as }, meter)])
    return spent
  }
  await read(warmUpTopic, warmUpRecords)
  return read(topic, records)
}
