import { deleteGroups } from '@kafkado/core'
import { failed, succeeded } from '@kafkado/core/internal/answers'
import { handles } from './handler.ts'

export const handleDeleteGroups = handles(deleteGroups, async (engine, { groups }) => {
  const changes = engine.beginEnding()
  const results = groups.map((groupId) => {
    const state = engine.groups.stateOf(groupId)
    if (state === 'Dead') return { groupId, ...failed('GROUP_ID_NOT_FOUND', `there is no group '${groupId}'`) }
    if (state !== 'Empty') return { groupId, ...failed('NON_EMPTY_GROUP', `group '${groupId}' still has members`) }
    engine.groups.delete(changes, groupId)
    return { groupId, ...succeeded }
  })
  await engine.commit(changes)
  return { throttleTimeMs: 0, results }
})
