// A client over HTTP, or the JSON alone: `http-client.ts WAY URL RECORDS`. It is warm when it says that it is ready.
import { createKafkaClient } from 'kafkado'
import type { waysToConsume, waysToProduce } from '../../clients/ways.ts'
import { consumeBy, parse, produceBy, requireSum, stringify } from '../../clients/work.ts'
import { freshName } from '../../fresh-name.ts'
import type { SampleOrder } from '../../sample-records.ts'
import type { Figures } from '../comparison.ts'
import { answerRounds, spentOn, warmUp } from './rounds-process.ts'

const [way = '', url = '', count = ''] = process.argv.slice(2)
const records = Number(count)
const warmUpRecords = 100_000
const json = { stringify, parse }[way]
const kafka = createKafkaClient(url)
const filledTopic = freshName('filled')

if (way in consumeBy) {
  const producer = kafka.producer<SampleOrder>(filledTopic)
  await produceBy.sendBatch(producer, Math.max(records, warmUpRecords))
  await producer.close()
}
await warmUp(() => round(warmUpRecords))
answerRounds(
  () => round(records),
  () => kafka.close(),
)

function round(size: number): Promise<Figures> {
  if (json) return spentOn(size, () => json(size))
  return way in consumeBy
    ? consume(way as (typeof waysToConsume)[number], size)
    : produce(way as (typeof waysToProduce)[number], size)
}

/** Until everything is acknowledged. Removing the topic is not measured, and keeps the server from growing. */
async function produce(by: (typeof waysToProduce)[number], size: number): Promise<Figures> {
  const topic = freshName('orders')
  const figures = await spentOn(size, async () => {
    const producer = kafka.producer<SampleOrder>(topic)
    await produceBy[by](producer, size)
    await producer.close()
  })
  await kafka.admin.deleteTopic(topic)
  return figures
}

/** With a new group, from joining to the last record. */
async function consume(by: (typeof waysToConsume)[number], size: number): Promise<Figures> {
  return spentOn(size, async () => {
    const consumer = kafka.consumer<SampleOrder>(filledTopic, { group: freshName('bench') })
    requireSum(await consumeBy[by](consumer, size), size)
    await consumer.close()
  })
}
