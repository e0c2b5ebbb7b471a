import { loadPart } from '@kafkado/core/internal'
import { DeferredMembership } from './deferred-membership.ts'
import type { ManualParts } from './manual-assignment.ts'
import type { Membership } from './membership.ts'

/** As in Node. Most pages read in a group, so a page loads this code when a consumer without one begins to read. */
export function assignmentByHand(parts: ManualParts): Membership {
  return new DeferredMembership(parts.settings.runtime, async () => {
    const { ManualAssignment } = await loadPart('reading without a group', () => import('./manual-assignment.ts'))
    return new ManualAssignment(parts)
  })
}
