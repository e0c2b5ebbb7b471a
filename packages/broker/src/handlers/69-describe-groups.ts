import { describeGroups } from '@kafkado/core'
import { failed, succeeded } from '@kafkado/core/internal'
import { handles } from './handler.ts'

export const handleDescribeGroups = handles(describeGroups, (engine, { groupIds }) => {
  const groups = groupIds.map((groupId) => {
    const group = engine.groups.describe(groupId)
    if (group) return { ...succeeded, ...group }
    const nothing = { groupState: 'Dead', groupEpoch: 0, assignmentEpoch: 0, assignorName: '', members: [] }
    return { ...failed('GROUP_ID_NOT_FOUND', `there is no group '${groupId}'`), groupId, ...nothing }
  })
  return { throttleTimeMs: 0, groups }
})
