import type { listGroups } from '@kafkado/core'
import type { Handler } from './handler.ts'

export const handleListGroups: Handler<typeof listGroups> = (engine, { statesFilter, typesFilter }) => {
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
}
