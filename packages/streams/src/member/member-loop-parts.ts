import type { TopicSelection } from '@kafkado/consumer'
import type { Transport } from '@kafkado/core'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Topology } from '../graph/topology.ts'
import type { ReadPartitions } from '../plan/read-partitions.ts'
import type { SourcePartitions } from '../plan/source-partitions.ts'
import type { OpenStateStorage } from '../state/state-storage.ts'
import type { StateStore } from '../state/store-definition.ts'
import type { StreamsSettings } from '../settings/streams-options.ts'
import type { MemberEvents } from './member.ts'
import type { SlowOperators } from './session/slow-operators.ts'

/** What the loop of a member works with. */
export interface MemberLoopParts {
  readonly transport: Transport
  readonly topology: Topology
  readonly names: InternalNames
  readonly settings: StreamsSettings
  /** What is read, and with what serdes. */
  readonly topics: () => readonly TopicSelection<unknown, unknown>[]
  readonly sources: SourcePartitions
  /** Which partitions are read, of those that the group has assigned. */
  readonly derived: ReadPartitions
  readonly globals: ReadonlyMap<string, StateStore>
  readonly openStorage: OpenStateStorage | undefined
  readonly slowOperators: SlowOperators
  readonly events: MemberEvents
}
