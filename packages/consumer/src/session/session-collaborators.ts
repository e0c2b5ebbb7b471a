import type { Transport } from '@kafkado/core'
import { AutomaticCommits } from '../commit/automatic-commits.ts'
import type { CommitMode } from '../commit/commit-mode.ts'
import { OffsetCommits, type PresentCommits } from '../commit/offset-commits.ts'
import { TransactionCommits } from '../commit/transaction-commits.ts'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { ConsumerEventTarget } from '../settings/consumer-events.ts'
import { InvalidRecords } from '../dead-letter/invalid-records.ts'
import { Fetcher } from '../fetch/fetcher.ts'
import { PartitionControl } from '../fetch/partition-control.ts'
import { PositionFinder } from '../fetch/position-finder.ts'
import { RecordFeed } from '../fetch/record-feed.ts'
import { RecordSources } from '../fetch/record-sources.ts'
import { makeMembership } from '../group/make-membership.ts'
import { MissingTopics } from '../group/missing-topics.ts'
import type { Membership } from '../group/membership.ts'
import type { FindTopics } from '../group/required-topics.ts'
import type { TopicSubscription } from '../group/topic-subscription.ts'
import { Arrivals } from '../partition/arrivals.ts'
import { OwnedPartitions } from '../partition/owned-partitions.ts'
import type { PositionWishes } from '../partition/position-wishes.ts'
import { WorkInHand } from '../partition/work-in-hand.ts'
import type { TopicPartition } from '../partition/topic-partition.ts'
import { PartitionAssignment } from './partition-assignment.ts'
import { type FirstLook, ProgressWatchdog } from './progress-watchdog.ts'

/** What a consumer gives to its session. */
export interface SessionParts<V, K> {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly subscription: TopicSubscription<V, K>
  readonly events: ConsumerEventTarget
  readonly wishes: PositionWishes
  readonly mode: CommitMode
  readonly present: PresentCommits<V, K>
  /** Partitions chosen by hand; undefined: the group assigns them, or without a group the consumer takes all. */
  readonly chosen: readonly TopicPartition[] | undefined
  /** Finds the named topics, or does what is to be done about a missing one. */
  readonly findTopics: FindTopics
  /** Wraps the group's membership, where the session reads other partitions than the group has assigned. */
  readonly around?: ((group: Membership) => Membership) | undefined
  /** Called when the session has ended. */
  onLeft?(): void
}

export type SessionCollaborators<V, K> = ReturnType<typeof collaborators<V, K>>

/**
 * Makes the parts of a session, from the bottom up: each part receives the ones that it needs. Parts that do not know
 * each other share small objects, such as the owned partitions, to learn of changes.
 *
 * @param stopping aborts when the consumer leaves
 */
export function collaborators<V, K>(given: SessionParts<V, K>, stopping: AbortSignal) {
  const owned = new OwnedPartitions<V, K>()
  const arrivals = new Arrivals()
  const work = new WorkInHand({ owned, arrivals })
  const leaves = { ...given, owned, arrivals, work, stopping }

  const membership = makeMembership(given)
  const missingTopics = new MissingTopics(membership)

  const invalid = new InvalidRecords(leaves)
  const commits = new OffsetCommits({ ...leaves, membership, invalid })
  const automatic = new AutomaticCommits({ ...leaves, commits })
  const transactions = new TransactionCommits({ ...leaves, membership, commits, invalid })

  const finder = new PositionFinder({ ...leaves, membership, automatic, missingTopics })
  const assignment = new PartitionAssignment({ ...leaves, membership, automatic, finder })
  const control = new PartitionControl(leaves)

  const sources = new RecordSources({ ...leaves, commits, reader: transactions })
  const fetcher = new Fetcher({ ...leaves, sources, missingTopics })
  const feed = new RecordFeed({ ...leaves, fetcher, invalid })
  const firstLook: FirstLook = { isUnderWay: false, problem: undefined }
  const watchdog = new ProgressWatchdog({ ...leaves, membership, firstLook })

  return {
    owned,
    arrivals,
    work,
    membership,
    missingTopics,
    commits,
    automatic,
    transactions,
    finder,
    assignment,
    control,
    fetcher,
    invalid,
    feed,
    firstLook,
    watchdog,
  }
}
