import { listGroups as listGroupsOperation, type Transport } from '@kafkado/core'

export interface GroupSummary {
  readonly id: string
  /** Empty, Assigning, Reconciling, Stable or Dead. */
  readonly state: string
}

export async function listGroups(transport: Transport): Promise<GroupSummary[]> {
  const { groups } = await transport.send(listGroupsOperation, { statesFilter: [], typesFilter: [] })
  return groups
    .map(({ groupId, groupState }) => ({ id: groupId, state: groupState }))
    .sort((left, right) => (left.id < right.id ? -1 : 1))
}
