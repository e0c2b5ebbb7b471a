import type { TopicDefinition, Transport } from '@kafkado/core'
import type { Graph } from '../graph/graph.ts'
import { InternalNames } from '../graph/internal-names.ts'
import { type Topology, topologyOf } from '../graph/topology.ts'
import { platform } from '../platform.ts'
import { GlobalStores } from './global-stores.ts'
import { prepareInternalTopics } from './internal-topics.ts'
import { partitionCountsOf } from './partition-counts.ts'
import { planOf } from './plan.ts'
import { RepartitionPurge } from './repartition-purge.ts'
import { StreamThread } from './stream-thread.ts'
import { StreamsApp } from './streams-app.ts'
import { StreamsEventTarget } from './streams-events.ts'
import { type StreamsOptions, type StreamsSettings, streamsSettings } from './streams-options.ts'

/** Checks and prepares what the topology needs on the server, and runs it. */
export async function startStreams(transport: Transport, graph: Graph, options: StreamsOptions): Promise<StreamsApp> {
  const settings = streamsSettings(options)
  const topology = topologyOf(graph)
  const names = new InternalNames(settings.application)
  const partitionCounts = await partitionCountsOf(transport, topology, names)
  const plan = planOf(topology, names, settings.application, partitionCounts)
  const path = planPath(settings)
  await prepareInternalTopics(transport, plan, path === undefined ? undefined : await platform.readPlan(path), settings)
  if (path !== undefined) await platform.writePlan(path, plan)

  const events = new StreamsEventTarget()
  const globals = new GlobalStores(transport, topology.globals, settings.runtime)
  const app = new StreamsApp({ transport, topology, names, plan, settings, events, globals, partitionCounts })
  const onFailure = (error: unknown): void => void app.onFailure(error)
  try {
    await globals.start(onFailure)
    const threadEvents = {
      onTasks: () => void app.onTasks(),
      onRestore: (progress: Parameters<typeof events.emit<'restore'>>[1]) => void events.emit('restore', progress),
      onFailure,
    }
    if (settings.workers > 0 && settings.module) {
      const { module } = settings
      await app.run({ pool: await platform.startThreads({ transport, settings, module, events: threadEvents }) })
      return app
    }
    const thread = threadOf(transport, topology, settings, names, partitionCounts, globals, threadEvents)
    const committed = (): ReadonlyMap<string, number> => thread.committed
    const repartitions = plan.repartitions.map(({ topic }) => topic)
    await app.run({ thread, purge: new RepartitionPurge(transport, settings, repartitions, committed) })
    return app
  } catch (error) {
    await app.close()
    throw error
  }
}

/** One member of the group, in this thread. */
export function threadOf(
  transport: Transport,
  topology: Topology,
  settings: StreamsSettings,
  names: InternalNames,
  partitionCounts: ReadonlyMap<string, number>,
  globals: GlobalStores,
  events: ConstructorParameters<typeof StreamThread>[0]['events'],
): StreamThread {
  const { stateDirectory, application, runtime } = settings
  return new StreamThread({
    transport,
    topology,
    names,
    settings,
    topics: topicsOf(topology, names),
    partitionCounts,
    globals: globals.stores,
    openStorage:
      stateDirectory === undefined
        ? undefined
        : platform.stateStorageIn(`${stateDirectory}/${application}`, runtime.random),
    events,
  })
}

function topicsOf({ subtopologies }: Topology, names: InternalNames): TopicDefinition<unknown, unknown>[] {
  const definitions = subtopologies
    .flatMap(({ sources }) => sources)
    .map((source) =>
      source.kind === 'source'
        ? source.topic
        : { name: names.repartition(source), key: source.keySerde, value: source.valueSerde },
    )
  return [...new Map(definitions.map((definition) => [definition.name, definition])).values()]
}

function planPath({ planFile, stateDirectory, application, isEphemeral }: StreamsSettings): string | undefined {
  if (planFile !== undefined) return planFile
  return stateDirectory === undefined || isEphemeral ? undefined : `${stateDirectory}/${application}/plan.json`
}
