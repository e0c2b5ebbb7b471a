import { shortened } from '../../errors/shortened.ts'
import type { AnyOperation } from '../../protocol/operation.ts'

/**
 * Operations where Kafka refuses each repeated element by itself and carries out the others. All their transports do
 * so, too.
 */
const refusedOneByOne: ReadonlySet<string> = new Set([
  'createTopics',
  'deleteTopics',
  'createPartitions',
  'incrementalAlterConfigs',
])

interface TopicEntry {
  readonly topic: string
  readonly partitions: readonly (number | { readonly partition: number })[]
}

/**
 * Operations where Kafka keeps only the last value of a setting that a topic gets twice. In `incrementalAlterConfigs`,
 * it refuses the topic.
 */
const keptLast: ReadonlySet<string> = new Set(['createTopics'])

interface ConfiguredTopic {
  readonly topic: string
  readonly configs: readonly { readonly name: string }[]
}

type Entry = string | TopicEntry | { readonly resourceName: string }

/** Enough for the longest names, and short where names are not valid. */
const mostCharacters = 300
const mostSettingCharacters = 100

/**
 * Finds a topic, partition, group or setting that a request names more than once, in words; undefined if there is none.
 * Such a request asks for the same work and the same answer many times, and for a change, nobody knows which of the two
 * was meant.
 *
 * Kafka refuses it in some operations, answers it once in others, and sometimes keeps only the last element without
 * saying so; a repeated partition of a produce loses records that way.
 */
export function repeatedElement({ name, elements }: AnyOperation, request: unknown): string | undefined {
  if (!elements) return undefined
  const setting = keptLast.has(name)
    ? repeatedSetting((request as { topics: readonly ConfiguredTopic[] }).topics)
    : undefined
  if (setting !== undefined) return setting
  if (refusedOneByOne.has(name)) return undefined
  const entries = (request as Readonly<Record<string, readonly Entry[] | null>>)[elements.asked]
  if (!entries) return undefined
  const [first] = entries
  return typeof first === 'object' && 'partitions' in first
    ? repeatedPartition(entries as readonly TopicEntry[])
    : repeatedName(entries, elements.asked)
}

function repeatedName(entries: readonly Entry[], asked: string): string | undefined {
  if (entries.length < 2) return undefined
  const repeated = repeatedIn(
    entries.map((entry) =>
      typeof entry === 'string' ? entry : 'resourceName' in entry ? entry.resourceName : entry.topic,
    ),
  )
  return repeated === undefined ? undefined : `${wordFor(asked)} '${shortened(repeated, mostCharacters)}'`
}

function repeatedIn(names: readonly string[]): string | undefined {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) return name
    seen.add(name)
  }
  return undefined
}

function repeatedSetting(topics: readonly ConfiguredTopic[]): string | undefined {
  for (const { topic, configs } of topics) {
    const repeated = repeatedIn(configs.map(({ name }) => name))
    if (repeated !== undefined)
      return `setting '${shortened(repeated, mostSettingCharacters)}' of topic '${shortened(topic, mostCharacters)}'`
  }
  return undefined
}

/** Nearly all requests name each topic once, with its partitions in order; these cost one map of the topics. */
function repeatedPartition(entries: readonly TopicEntry[]): string | undefined {
  const [only] = entries
  if (entries.length === 1 && only && isAscending(only.partitions)) return undefined
  const topics = new Map<string, TopicEntry['partitions'] | Set<number>>()
  for (const { topic, partitions } of entries) {
    const before = topics.get(topic)
    if (before === undefined && isAscending(partitions)) {
      topics.set(topic, partitions)
      continue
    }
    const seen = before instanceof Set ? before : new Set(before?.map(numberOf))
    topics.set(topic, seen)
    for (const one of partitions) {
      const partition = numberOf(one)
      if (seen.has(partition)) return `topic '${shortened(topic, mostCharacters)}' partition ${partition}`
      seen.add(partition)
    }
  }
  return undefined
}

function isAscending(partitions: TopicEntry['partitions']): boolean {
  for (let index = 1; index < partitions.length; index++)
    if (numberOf(partitions[index - 1] as number) >= numberOf(partitions[index] as number)) return false
  return true
}

function numberOf(partition: TopicEntry['partitions'][number]): number {
  return typeof partition === 'number' ? partition : partition.partition
}

function wordFor(asked: string): string {
  if (asked === 'transactionalIds') return 'transactional id'
  return asked.startsWith('group') ? 'group' : 'topic'
}
