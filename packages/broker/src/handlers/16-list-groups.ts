import { listGroups } from '@kafkado/core'
import { handles } from './handler.ts'

export const handleListGroups = handles(listGroups, (engine, { statesFilter, typesFilter }) => {
  const wants = (filter: string[], value: string): boolean =>
    filter.length === 0 || filter.some((wanted) => wanted.toLowerCase() === value.toLowerCase())
  const groups = engine.groups
    .list()
    .map(({ groupId, state }) => ({ groupId, protocolType: 'consumer', groupState: state, groupType: 'consumer' }))
  return {
    throttleTimeMs: 0,
    groups: groups.filter(
      ({ groupState, groupType }) => wants(statesFilter, groupState) && wants(typesFilter, groupType),
    ),
  }
})
