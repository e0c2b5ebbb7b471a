import type { TopicDefinition, Transport } from '@kafkado/core'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Topology } from '../graph/topology.ts'
import { platform } from '../platform.ts'
import type { GlobalStores } from './global-stores.ts'
import type { SourcePartitions } from '../plan/source-partitions.ts'
import { StreamThread } from './member-loop.ts'
import type { StreamsSettings } from '../streams-options.ts'

/** One member of the group, in this thread. */
export function threadOf(
  transport: Transport,
  topology: Topology,
  settings: StreamsSettings,
  names: InternalNames,
  sources: SourcePartitions,
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
    sources,
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
