import type { PartitionReader } from '@kafkado/consumer/internal'
import type { InternalNames } from '../../graph/internal-names.ts'
import type { Topology } from '../../graph/topology.ts'
import type { SourcePartitions } from '../../plan/source-partitions.ts'
import type { StreamsSettings } from '../../settings/streams-settings.ts'
import type { RecordCollector } from '../../task/output/record-collector.ts'
import { CommitMetrics } from '../metrics/commit-metrics.ts'
import type { Meter } from '../metrics/meter.ts'
import { Readiness } from '../turn/readiness.ts'
import { CommitLoop } from './commit-loop.ts'
import { MemberSession } from './member-session.ts'
import type { SlowOperators } from './slow-operators.ts'
import { TaskSet } from './task-set.ts'

export interface OpenSessionParts {
  readonly reader: PartitionReader
  readonly topology: Topology
  readonly names: InternalNames
  readonly settings: StreamsSettings
  readonly sources: SourcePartitions
  readonly slowOperators: SlowOperators
  readonly events: { readonly meter: Meter }
}

/** @param collectorFor gives the session's writer, which works until its signal is aborted */
export function openSession(
  { reader, topology, names, settings, sources, slowOperators, events }: OpenSessionParts,
  collectorFor: (over: AbortSignal) => RecordCollector,
): MemberSession {
  const { partitionCounts } = sources
  const over = new AbortController()
  const collector = collectorFor(over.signal)
  const tasks = new TaskSet(topology, names, partitionCounts, settings.cacheMaxBytes)
  const parts = { reader, tasks, collector, settings, over: over.signal }
  const commits = new CommitLoop({ ...parts, slowOperators, metrics: new CommitMetrics(events.meter, reader) })
  const readiness = new Readiness({ reader, topology, names, partitionCounts, settings })
  return new MemberSession({ reader, tasks, collector, commits, readiness, clock: settings.runtime.clock, over })
}
