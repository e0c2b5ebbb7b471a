import type { Transport } from '@kafkado/core'
import type { Graph } from '../graph/graph.ts'
import { InternalNames } from '../graph/internal-names.ts'
import { topologyOf } from '../graph/topology.ts'
import { platform } from '../platform.ts'
import { GlobalStores } from './global-stores.ts'
import { prepareInternalTopics } from './internal-topics.ts'
import { notingStores } from './noted-stores.ts'
import { partitionCountsOf } from './partition-counts.ts'
import { planOf } from './plan.ts'
import { RepartitionPurge } from './repartition-purge.ts'
import { SourcePartitions } from './source-partitions.ts'
import { StreamsApp } from './streams-app.ts'
import { StreamsEventTarget } from './streams-events.ts'
import { topologyOfModule } from '../threads/module-topology.ts'
import { threadOf } from './thread-of.ts'
import { type StreamsOptions, type StreamsSettings, streamsSettings } from './streams-options.ts'

/** Checks and prepares what the topology needs on the server, and runs it. */
export async function startStreams(given: Transport, graph: Graph, options: StreamsOptions): Promise<StreamsApp> {
  const settings = streamsSettings(options)
  // With a module the topology is the one that threads will build.
  const topology = settings.module ? await topologyOfModule(settings.module) : topologyOf(graph)
  const names = new InternalNames(settings.application)
  const partitionCounts = await partitionCountsOf(given, topology, names)
  const plan = planOf(topology, names, settings.application, partitionCounts)
  const path = planPath(settings)
  await prepareInternalTopics(given, plan, path === undefined ? undefined : await platform.readPlan(path), settings)
  if (path !== undefined) await platform.writePlan(path, plan)

  const transport = notingStores(given, plan)
  const events = new StreamsEventTarget()
  const globals = new GlobalStores(transport, topology.globals, settings)
  const app = new StreamsApp({ transport, topology, names, plan, settings, events, globals })
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
    const sources = new SourcePartitions(transport, topology, names, settings.application, partitionCounts)
    const thread = threadOf(transport, topology, settings, names, sources, globals, threadEvents)
    const committed = (): ReadonlyMap<string, number> => thread.committed
    const repartitions = plan.repartitions.map(({ topic }) => topic)
    await app.run({ thread, purge: new RepartitionPurge(transport, settings, repartitions, committed) })
    return app
  } catch (error) {
    await app.close()
    throw error
  }
}

function planPath({ planFile, stateDirectory, application, isEphemeral }: StreamsSettings): string | undefined {
  if (planFile !== undefined) return planFile
  return stateDirectory === undefined || isEphemeral ? undefined : `${stateDirectory}/${application}/plan.json`
}
