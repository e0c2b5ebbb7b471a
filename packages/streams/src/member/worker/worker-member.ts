import type { Transport } from '@kafkado/core'
import type { StreamsSettings } from '../../settings/streams-options.ts'
import type { MemberEvents } from '../member.ts'

/** What a member in a worker thread is made of. */
export interface WorkerMemberParts {
  /** Carries out the worker's requests. */
  readonly transport: Transport
  readonly settings: StreamsSettings
  /** Builds the topology, there as here. */
  readonly module: URL
  readonly events: MemberEvents
}
