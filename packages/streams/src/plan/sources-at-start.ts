import { createAdmin, listTopics } from '@kafkado/admin'
import { KafkaError, type Runtime, TopicNotFoundError, type Transport } from '@kafkado/core'
import { lookUpTopics, untilAnswered, withOutcome } from '@kafkado/core/internal'
import type { SourceNode } from '../graph/graph-node.ts'
import type { InternalNames } from '../graph/internal-names.ts'
import { reads, requireOnePattern } from '../graph/topic-patterns.ts'
import type { Topology } from '../graph/topology.ts'
import { partitionsOf } from './partitions-of.ts'

/** The topology and server of the source topics. */
interface Sources {
  readonly transport: Transport
  readonly topology: Topology
  readonly names: InternalNames
}

interface Started extends Sources {
  readonly application: string
  readonly runtime: Runtime
}

/** The numbers of partitions of the existing topics that are not the application's own. */
export async function presentSources(sources: Sources): Promise<ReadonlyMap<string, number>> {
  return new Map([...(await partitionsOf(sources.transport, namedTopics(sources))), ...(await matching(sources))])
}

/** How long a start waits for a server that is still starting itself, and for topics that the start creates. */
const timeoutMs = 30_000

/**
 * The same for a start, which needs its named topics to exist. The first start of an application makes them if the
 * server makes topics on first use. Later starts never do: state and internal topics depend on the former numbers of
 * partitions, which the server does not know.
 *
 * @throws TopicNotFoundError when a named topic is missing
 */
export async function sourcesAtStart(sources: Started): Promise<ReadonlyMap<string, number>> {
  const { application, runtime } = sources
  const what = `application '${application}': its topics`
  const there = await untilAnswered(what, { runtime, timeoutMs }, () => presentSources(sources)).catch(
    (error: unknown) => {
      throw KafkaError.is(error) ? withOutcome(error, 'failed') : error
    },
  )
  const missing = namedTopics(sources).filter((topic) => !there.has(topic))
  if (missing.length === 0) return there
  const { transport } = sources
  const former = await formerTopics(sources)
  const limits = { runtime, timeoutMs, allowAutoTopicCreation: former === undefined }
  const found = await lookUpTopics(transport, missing, limits).catch((error: unknown) => {
    throw former && TopicNotFoundError.is(error) ? goneError(sources, missing, former) : error
  })
  return new Map([...there, ...found.map(({ topic, partitions }) => [topic, partitions.length] as const)])
}

function namedTopics({ topology, names }: Sources): string[] {
  const sources = topology.subtopologies.flatMap((subtopology) => subtopology.sources)
  return [
    ...new Set([
      ...sources.filter((source) => source.kind === 'source' && !source.pattern).map((source) => names.topicOf(source)),
      ...topology.globals.map(({ topic }) => topic.name),
    ]),
  ]
}

/**
 * The internal topics of an application that has run before, with their partitions; undefined for a new application.
 */
async function formerTopics(sources: Started): Promise<ReadonlyMap<string, number> | undefined> {
  const { transport, application } = sources
  const [own, groups] = await Promise.all([
    partitionsOf(transport, internalTopics(sources)),
    createAdmin(transport).listGroups(),
  ])
  return own.size === 0 && !groups.some(({ id }) => id === application) ? undefined : own
}

function internalTopics({ topology: { nodes, subtopologies }, names }: Sources): readonly string[] {
  const repartitions = nodes.flatMap((node) => (node.kind === 'repartition' ? [names.repartition(node)] : []))
  const changelogs = subtopologies.flatMap(({ stores }) => stores.map((store) => names.changelog(store)))
  const tasks = subtopologies.flatMap((part) => names.tasks(part) ?? [])
  return [...new Set([...repartitions, ...changelogs, ...tasks])]
}

/** Kafka: MissingSourceTopicException. */
function goneError(
  { topology, names, application }: Started,
  missing: readonly string[],
  former: ReadonlyMap<string, number>,
): TopicNotFoundError {
  const which = missing.length === 1 ? 'topic' : 'topics'
  const list = missing.map((topic) => `'${topic}'`).join(', ')
  const state = topology.subtopologies
    .filter(({ sources }) => sources.some((source) => missing.includes(names.topicOf(source))))
    .flatMap(({ stores }) => stores.map((store) => names.changelog(store)))
    .find((changelog) => former.has(changelog))
  const fitting =
    state === undefined
      ? 'as many partitions as before'
      : `${former.get(state)} partitions, as internal topic '${state}' has`
  return new TopicNotFoundError(
    `${which} ${list} ${missing.length === 1 ? 'does' : 'do'} not exist, ` +
      `and application '${application}' has run before: only its first start makes the topics that it reads. ` +
      `Make ${missing.length === 1 ? 'it' : 'them'} with admin.createTopic(), with ${fitting}`,
  )
}

/** The topics that match patterns now. */
async function matching({ transport, topology, names }: Sources): Promise<ReadonlyMap<string, number>> {
  const patterns = topology.nodes.filter((node) => node.kind === 'source' && node.pattern !== undefined) as SourceNode[]
  if (patterns.length === 0) return new Map()
  const found = new Map<string, number>()
  for (const { name, partitions } of await listTopics(transport)) {
    requireOnePattern(patterns, name, names)
    if (patterns.some((source) => reads(source, name, names))) found.set(name, partitions)
  }
  return found
}
