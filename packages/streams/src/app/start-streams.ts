import type { Transport } from '@kafkado/core'
import { InternalNames } from '../graph/internal-names.ts'
import type { Topology } from '../graph/topology.ts'
import { LocalMember } from '../member/local-member.ts'
import type { Member, MemberEvents } from '../member/member.ts'
import { prepareInternalTopics } from '../plan/internal-topics.ts'
import { notingStores } from '../plan/noted-stores.ts'
import { partitionCountsOf } from '../plan/partition-counts.ts'
import { planOf } from '../plan/plan.ts'
import { platform } from '../platform.ts'
import { type StreamsOptions, type StreamsSettings, streamsSettings } from '../streams-options.ts'
import { openStateOf } from './state-folder.ts'
import { StreamsApp } from './streams-app.ts'

/**
 * Checks and prepares what the topology needs on the server, and runs it.
 *
 * @param topologyOf gives the topology: that of a module, if there is one, as it is what workers will build
 */
export async function startStreams(
  given: Transport,
  options: StreamsOptions,
  topologyOf: (module: URL | undefined) => Promise<Topology>,
): Promise<StreamsApp> {
  const settings = streamsSettings(options)
  const topology = await topologyOf(settings.module)
  const names = new InternalNames(settings.application)
  const partitionCounts = await partitionCountsOf(given, topology, names)
  const plan = planOf(topology, names, settings.application, partitionCounts)
  const path = planPath(settings)
  await prepareInternalTopics(given, plan, path === undefined ? undefined : await platform.readPlan(path), settings)
  if (path !== undefined) await platform.writePlan(path, plan)

  const transport = notingStores(given, plan)
  const membersFor = (events: MemberEvents): readonly Member[] => {
    const { workers, module } = settings
    if (workers > 0 && module)
      return Array.from({ length: workers }, () => platform.workerMember({ transport, settings, module, events }))
    const openStorage = openStateOf(settings)
    return [new LocalMember({ transport, topology, names, settings, partitionCounts, openStorage, events })]
  }
  const app = new StreamsApp({ transport, topology, names, plan, settings, membersFor })
  try {
    await app.run()
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
