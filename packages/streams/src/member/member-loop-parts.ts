import type { TopicSelection } from '@kafkado/consumer'
import type { Transport } from '@kafkado/core'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Topology } from '../graph/topology.ts'
import type { ReadPartitions } from '../plan/read-partitions.ts'
import type { SourcePartitions } from '../plan/source-partitions.ts'
import type { OpenStateStorage } from '../state/state-storage.ts'
import type { StateStore } from '../state/store-definition.ts'
import type { StreamsSettings } from '../settings/streams-settings.ts'
import type { MemberEvents } from './member.ts'
import type { SlowOperators } from './session/slow-operators.ts'

/** The parts that a member's loop works with. */
export interface MemberLoopParts {
  readonly transport: Transport
  readonly topology: Topology
  readonly names: InternalNames
  readonly settings: StreamsSettings
  /** The topics to read, with their serdes. */
  readonly topics: () => readonly TopicSelection<unknown, unknown>[]
  readonly sources: SourcePartitions
  /** Decides which of the group's assigned partitions to read. */
  readonly derived: ReadPartitions
  readonly globals: ReadonlyMap<string, StateStore>
  readonly openStorage: OpenStateStorage | undefined
  readonly slowOperators: SlowOperators
  readonly events: MemberEvents
}
