import { type Duration, InvalidRequestError } from '@kafkado/core'
import type { Command } from 'commander'
import { counted } from '../counted.ts'
import { type CommonOptions, durationOption, wholeNumber, withClient, writeLine } from '../command-context.ts'
import { table } from '../table.ts'

interface TopicOptions extends CommonOptions {
  readonly partitions?: string
  readonly retention?: string
  readonly config?: string[]
}

const examples = `
Examples:
  kafkado topics list
  kafkado topics create orders --partitions 3 --retention 7d
  kafkado topics create prices --config cleanup.policy=compact --config max.message.bytes=2000000
  kafkado topics describe orders --json
  kafkado topics alter orders --partitions 6   # more partitions: keys move to others
  kafkado topics delete orders
`

export function addTopics(program: Command): void {
  const topics = program
    .command('topics')
    .description('list, describe, create, alter and delete topics')
    .addHelpText('afterAll', examples)
  topics.command('list').option('--json', 'print JSON').action(list)
  topics.command('describe').argument('<topic>').option('--json', 'print JSON').action(describe)
  for (const [name, action] of [
    ['create', create],
    ['alter', alter],
  ] as const) {
    topics
      .command(name)
      .argument('<topic>')
      .option('--partitions <count>', 'how many partitions')
      .option('--retention <duration>', 'how long records are kept, such as 7d; -1 for ever')
      .option('--config <name=value...>', "other settings by Kafka's names")
      .action(action)
  }
  topics.command('delete').argument('<topic>').action(remove)
}

async function list(options: CommonOptions): Promise<void> {
  const topics = await withClient(options, (kafka) => kafka.admin.listTopics())
  writeLine(
    options.json
      ? JSON.stringify(topics)
      : table(
          ['topic', 'partitions'],
          topics.map(({ name, partitions }) => [name, partitions]),
        ),
  )
}

async function describe(name: string, options: CommonOptions): Promise<void> {
  const topic = await withClient(options, (kafka) => kafka.admin.describeTopic(name))
  if (options.json) {
    writeLine(JSON.stringify(topic))
    return
  }
  writeLine(`${topic.name}: ${counted(topic.partitions, 'partition')}, records kept ${topic.retentionMs} ms`)
  writeLine(
    table(
      ['partition', 'earliest', 'latest', 'leader'],
      topic.offsets.map(({ partition, earliest, latest, leader }) => [partition, earliest, latest, leader]),
    ),
  )
}

async function create(name: string, options: TopicOptions): Promise<void> {
  await withClient(options, (kafka) => kafka.admin.createTopic(name, topicOptions(options)))
  writeLine(`created topic ${name}`)
}

async function alter(name: string, options: TopicOptions): Promise<void> {
  await withClient(options, (kafka) => kafka.admin.alterTopic(name, topicOptions(options)))
  writeLine(`altered topic ${name}`)
}

async function remove(name: string, options: CommonOptions): Promise<void> {
  await withClient(options, (kafka) => kafka.admin.deleteTopic(name))
  writeLine(`deleted topic ${name}`)
}

function topicOptions({ partitions, retention, config = [] }: TopicOptions) {
  return {
    partitions: partitions === undefined ? undefined : wholeNumber('--partitions', partitions, 1),
    retentionMs: retention === undefined ? undefined : retentionOf(retention),
    config: Object.fromEntries(config.map(settingOf)),
  }
}

function retentionOf(text: string): Duration {
  return text === '-1' ? (-1 as Duration) : durationOption('--retention', text)
}

function settingOf(text: string): [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/.exec(text) ?? []
  if (name !== undefined && value !== undefined) return [name, value]
  throw new InvalidRequestError(`--config takes name=value, got '${text}'`)
}
