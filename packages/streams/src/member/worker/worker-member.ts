import type { Transport } from '@kafkado/core'
import type { StreamsSettings } from '../../settings/streams-settings.ts'
import type { MemberEvents } from '../member.ts'

/** The parts of a member in a worker thread. */
export interface WorkerMemberParts {
  /** Carries out the worker's requests. */
  readonly transport: Transport
  readonly settings: StreamsSettings
  /** Builds the topology, in the worker and here. */
  readonly module: URL
  readonly events: MemberEvents
}
