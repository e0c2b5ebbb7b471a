import type { EventOf } from '../history/history-event.ts'
import type { Outcome, PartitionOf } from '../history/record-events.ts'

/**
 * What a client was told of one partition of its commit: where some were refused, the group has taken the others.
 *
 * @returns undefined where it was told nothing
 */
export function outcomeFor(place: PartitionOf, answer: EventOf<'commit-answered'> | undefined): Outcome | undefined {
  const isAmongOthers = answer?.refused?.some((one) => isSamePartition(one, place)) === false
  return isAmongOthers ? 'ok' : answer?.outcome
}

export function isSamePartition(one: PartitionOf, other: PartitionOf): boolean {
  return one.topic === other.topic && one.partition === other.partition
}
