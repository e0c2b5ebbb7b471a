import { describeGroups } from '@kafkado/core'
import { failed, succeeded, unknownGroup } from '@kafkado/core/internal/answers'
import { handles } from './handler.ts'

export const handleDescribeGroups = handles(describeGroups, (engine, { groupIds }) => {
  const groups = groupIds.map((groupId) => {
    const group = engine.groups.describe(groupId)
    if (group) return { ...succeeded, ...group }
    return unknownGroup(groupId, failed('GROUP_ID_NOT_FOUND', `there is no group '${groupId}'`))
  })
  return { throttleTimeMs: 0, groups }
})
