import { ManualAssignment, type ManualParts } from './manual-assignment.ts'
import type { Membership } from './membership.ts'

/** The chosen partitions, or all partitions of the topics, without a group. */
export function assignmentByHand(parts: ManualParts): Membership {
  return new ManualAssignment(parts)
}
