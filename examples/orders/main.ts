import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { embedded } from '@kafkado/broker'
import { systemClock } from '@kafkado/core'
import { serve } from '@kafkado/server/node'
import { Command } from 'commander'
import { createKafkaClient, type KafkaClient } from 'kafkado'
import { complain, formatOf, messageOf, openInput, readRecords, wholeNumber, writeLine } from 'kafkado/internal'
import { orderLineOf } from './order-line.ts'
import { type Consumed, OrderReaders } from './order-readers.ts'
import { group, partitions, topic } from './order-topic.ts'
import { countryChart, money, perSecond } from './report.ts'

/**
 * The main job from end to end: a durable server, orders through its HTTP interface, and a group of two consumers that
 * reads them.
 */
const shippedOrders = fileURLToPath(new URL('../orders.csv', import.meta.url))

interface StartOptions {
  readonly data?: string
  readonly port: string
}

async function start(file: string | undefined, { data, port }: StartOptions): Promise<void> {
  const folder = data === undefined ? await mkdtemp(join(tmpdir(), 'kafkado-')) : resolve(data)
  await using engine = embedded(folder)
  await engine.open()
  await using server = await serve({ transport: engine, port: wholeNumber('--port', port) })
  await using kafka = createKafkaClient(server.url)
  writeLine(`kafkado serves ${server.url}, records are kept in ${folder}\n`)
  const before = await endOf(kafka)
  const readers = new OrderReaders(kafka)
  await readers.shared()
  const produced = await produceOrders(kafka, file ?? shippedOrders)
  const consumed = await readers.finish(before + produced.acknowledged)
  await report(kafka, produced, consumed, readers.shares)
  goOn(folder)
}

/** Counts the records from earlier runs over the same folder; creates the topic if it is new. */
async function endOf(kafka: KafkaClient): Promise<number> {
  const topics = await kafka.admin.listTopics()
  if (!topics.some(({ name }) => name === topic)) await kafka.admin.createTopic(topic, { partitions })
  const { offsets } = await kafka.admin.describeTopic(topic)
  const groups = await kafka.admin.listGroups()
  if (groups.some(({ id }) => id === group)) await kafka.admin.resetOffsets(group, topic, 'earliest')
  return offsets.reduce((sum, { latest, earliest }) => sum + latest - earliest, 0)
}

interface Produced {
  readonly acknowledged: number
  readonly failed: number
  readonly tookMs: number
}

async function produceOrders(kafka: KafkaClient, file: string): Promise<Produced> {
  const startedMs = systemClock.monotonic()
  const producer = kafka.producer<unknown>(topic)
  const counts = { acknowledged: 0, failed: 0 }
  const reject = (line: number, problem: string): void => {
    counts.failed++
    process.exitCode = 1
    complain(`${file} line ${line}: ${problem}`)
  }
  for await (const source of readRecords(openInput(file), formatOf(undefined, file))) {
    if ('problem' in source) reject(source.line, source.problem)
    else {
      const { customer, timestamp } = orderLineOf(source.value)
      producer.send(source.value, { key: customer, timestamp }).then(
        () => counts.acknowledged++,
        (error: unknown) => reject(source.line, messageOf(error)),
      )
      await producer.ready()
    }
  }
  await producer.close()
  return { ...counts, tookMs: systemClock.monotonic() - startedMs }
}

async function report(
  kafka: KafkaClient,
  { acknowledged, failed, tookMs }: Produced,
  consumed: Consumed,
  shares: ReadonlyMap<string, ReadonlySet<number>>,
): Promise<void> {
  const { totals } = consumed
  const { totalLag } = await kafka.admin.describeGroup(group)
  const revenue = totals.countries().reduce((sum, { revenueThousandths }) => sum + revenueThousandths, 0)
  const owned = [...shares].map(
    ([member, share]) => `the ${member} read partitions ${[...share].sort((left, right) => left - right).join(' ')}`,
  )
  writeLine(
    `produced  ${acknowledged} records${failed > 0 ? `, ${failed} lines failed` : ''},` +
      ` ${perSecond(acknowledged, tookMs)}`,
  )
  writeLine(
    `consumed  ${totals.records} records,` +
      ` ${totals.repeated === 0 ? 'each once' : `${totals.repeated} of them again`},` +
      ` ${perSecond(totals.records, consumed.tookMs)}`,
  )
  writeLine(`members   ${owned.join(', ')}`)
  writeLine(`lag       ${totalLag}\n`)
  writeLine(`revenue by country, ${money(revenue)} in all`)
  writeLine(countryChart(totals))
}

function goOn(folder: string): void {
  const url = 'http://localhost:8080'
  writeLine(`\nThe records stay in ${folder}. To go on:`)
  writeLine(
    `  npm run kafkado -- serve --data` +
      ` ${relative(process.cwd(), folder).startsWith('..') ? folder : relative(process.cwd(), folder)}`,
  )
  writeLine(`  npm run kafkado -- consume ${topic} --url ${url} --max 5`)
  writeLine(`  npm run kafkado -- groups describe ${group} --url ${url}`)
}

try {
  await new Command('npm start --')
    .description('serve, produce an order file, consume it with a group of two, and report')
    .argument('[file]', 'CSV with a heading row, or JSON lines; by default the orders in examples/')
    .option('--data <folder>', 'where records are kept; by default a new temporary folder')
    .option('--port <port>', 'the port to serve on; by default a free one', '0')
    .action(start)
    .parseAsync()
} catch (error) {
  complain(messageOf(error))
  process.exitCode = 1
}
