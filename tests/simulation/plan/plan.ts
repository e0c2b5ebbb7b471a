import type { FaultRates } from '../world/faults.ts'
import type { ClientPlan } from './client-plans.ts'
import type { WorldAction } from './world-actions.ts'

export interface TopicPlan {
  readonly topic: string
  readonly partitions: number
  readonly configs: Readonly<Record<string, string>>
  /** What lies in it are copies of records of other topics, which keep their values. */
  readonly isForDeadLetters?: true
}

/** What the server keeps its logs in: a model of a storage, or the journal on a simulated disk. */
export const storageModels = ['model', 'journal'] as const
export type StorageModel = (typeof storageModels)[number]

export interface ServerPlan {
  readonly storage: StorageModel
  /** How long a sync takes at most. */
  readonly syncMs: number
  readonly isSeenAtOnce: boolean
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly cleanupIntervalMs: number
  /** What the HTTP face takes at most; small ones refuse now and then. */
  readonly maxPartitions: number
  readonly maxRequestsInFlight: number
  /** How fast its time goes by. */
  readonly clockRate: number
}

/** A thing that happens in the world at a time. */
export interface PlannedAction {
  readonly atMs: number
  readonly action: WorldAction
}

/**
 * Everything that is to happen in a run, as data: it follows from a seed, can be printed, and what does not matter can
 * be taken out of it. What chance decides within the run follows from the seed and the name of who asks, so that taking
 * one thing out leaves the others as they are.
 */
export interface Plan {
  readonly seed: number
  readonly scenario: string
  readonly topics: readonly TopicPlan[]
  readonly server: ServerPlan
  readonly clients: readonly ClientPlan[]
  readonly actions: readonly PlannedAction[]
  /** How often each kind of fault happens to a request; until {@link healMs}. */
  readonly rates: FaultRates
  readonly longestDelayMs: number
  /** Faults that are left out, by their names. */
  readonly spared: readonly string[]
  /** From when on nothing goes wrong any more. */
  readonly healMs: number
}
