import type { Transport } from '@kafkado/core'
import { moduleErrorSettings } from '../errors/error-options.ts'
import { InternalNames } from '../graph/internal-names.ts'
import type { Topology } from '../graph/topology.ts'
import { LocalMember } from '../member/local-member.ts'
import type { Member, MemberEvents } from '../member/member.ts'
import { droppedBy, prepareInternalTopics } from '../plan/internal-topics.ts'
import { DeletedRepartitions } from '../plan/deleted-repartitions.ts'
import { keepingInternalTopics } from '../plan/kept-internal-topics.ts'
import { notingStores } from '../plan/noted-stores.ts'
import { partitionCountsOf } from '../plan/partition-counts.ts'
import { type Plan, planOf } from '../plan/plan.ts'
import { requireStateInPlace } from '../plan/require-fitting.ts'
import { sourcesAtStart } from '../plan/sources-at-start.ts'
import { platform } from '../platform.ts'
import type { StreamsOptions } from '../settings/streams-options.ts'
import { type StreamsSettings, streamsSettings } from '../settings/streams-settings.ts'
import { KeptPlan } from './kept-plan.ts'
import { type PlaceEvents, ReplaceableMember } from './replaceable-member.ts'
import { openStateOf } from './state-folder.ts'
import { StreamsApp } from './streams-app.ts'

/** The topology to run, and the error handlers that its module exports, unchecked. */
export interface GivenTopology {
  readonly topology: Topology
  readonly onError?: unknown
}

/**
 * Checks and prepares what the topology needs on the server, and runs it.
 *
 * @param topologyOf gives the topology; with a module, the one that workers will build from it
 * @param onMade called with the application before it starts, so that its owner can close it from then on
 * @throws DisconnectedError when it is closed while it starts
 */
export async function startStreams(
  given: Transport,
  options: StreamsOptions,
  topologyOf: (module: URL | undefined) => Promise<GivenTopology>,
  onMade: (app: StreamsApp) => void,
): Promise<StreamsApp> {
  const settings = streamsSettings(options, given)
  const { topology, onError } = await topologyOf(settings.module)
  const errors = moduleErrorSettings(settings.onError, onError, settings.module?.href ?? '')
  const names = new InternalNames(settings.application)
  const partitionCounts = await countsToStartWith(given, topology, names, settings)
  const plan = planOf(topology, names, settings.application, partitionCounts)
  const path = planPath(settings)
  await prepareInternalTopics(given, plan, path === undefined ? undefined : await platform.readPlan(path), settings)
  const keptPlan = new KeptPlan(path, plan)
  await keptPlan.write()

  const present = (): Plan => keptPlan.plan
  let onLost: PlaceEvents['onError'] = () => undefined
  const deleted = new DeletedRepartitions({
    transport: given,
    present,
    settings,
    onLost: (error) => onLost(error),
  })
  const transport = keepingInternalTopics(notingStores(given, present), present, deleted)
  const membersFor = (events: PlaceEvents): readonly ReplaceableMember[] => {
    onLost = (error) => events.onError(error)
    const { workers, module, runtime, onUncaughtError } = settings
    const place = (make: (own: MemberEvents) => Member): ReplaceableMember =>
      new ReplaceableMember({ make, events, runtime, onUncaughtError })
    if (workers > 0 && module)
      return Array.from({ length: workers }, (_, index) => {
        const parts = { transport, settings: settingsOfWorker(settings, index + 1), module }
        return place((own) => platform.workerMember({ ...parts, events: own }))
      })
    const openStorage = openStateOf(settings)
    const local = {
      transport,
      topology,
      names,
      settings: { ...settings, onError: errors },
      partitionCounts,
      openStorage,
    }
    return [place((own) => new LocalMember({ ...local, events: own }))]
  }
  const app = new StreamsApp({ transport, topology, names, keptPlan, settings, membersFor })
  onMade(app)
  try {
    await app.run()
    return app
  } catch (error) {
    await app.close()
    throw error
  }
}

/**
 * @throws InvalidRequestError when there is state that does not fit the topics, and the application may not begin anew
 */
async function countsToStartWith(
  transport: Transport,
  topology: Topology,
  names: InternalNames,
  settings: StreamsSettings,
): Promise<ReadonlyMap<string, number>> {
  const { application, runtime } = settings
  const sources = await sourcesAtStart({ transport, topology, names, application, runtime })
  const counts = await partitionCountsOf(transport, topology, names, sources)
  const place = { transport, topology, names, application }
  const isRead = (): boolean => false
  for (const changelog of await requireStateInPlace(place, counts, isRead, droppedBy(settings)))
    counts.delete(changelog)
  return counts
}

/** Each worker is a group member of its own. Kafka Streams appends the number of the thread to group.instance.id. */
function settingsOfWorker(settings: StreamsSettings, number: number): StreamsSettings {
  const { consumer } = settings
  if (consumer?.instanceId === undefined) return settings
  return { ...settings, consumer: { ...consumer, instanceId: `${consumer.instanceId}-${number}` } }
}

function planPath({ planFile, stateDirectory, application, isEphemeral }: StreamsSettings): string | undefined {
  if (planFile !== undefined) return planFile
  return stateDirectory === undefined || isEphemeral ? undefined : `${stateDirectory}/${application}/plan.json`
}
