import { listGroups } from '@kafkado/core'
import { handles } from './handler.ts'

export const handleListGroups = handles(listGroups, (engine, { statesFilter, typesFilter }) => {
  const states = inLowerCase(statesFilter)
  const types = inLowerCase(typesFilter)
  const groups = engine.groups
    .list()
    .map(({ groupId, state }) => ({ groupId, protocolType: 'consumer', groupState: state, groupType: 'consumer' }))
  return {
    throttleTimeMs: 0,
    groups: groups.filter(({ groupState, groupType }) => isWanted(states, groupState) && isWanted(types, groupType)),
  }
})

/** A request may list millions of states, and there may be many groups: each is looked at once. */
function inLowerCase(filter: readonly string[]): ReadonlySet<string> {
  return new Set(filter.map((wanted) => wanted.toLowerCase()))
}

function isWanted(filter: ReadonlySet<string>, value: string): boolean {
  return filter.size === 0 || filter.has(value.toLowerCase())
}
