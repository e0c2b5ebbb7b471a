import * as messages from '@kafkado/messages'

/** What a coordinator looks after, as FindCoordinator numbers it. */
export const coordinatorType = { group: 0, transaction: 1 } as const

export type CoordinatorType = keyof typeof coordinatorType

/** FindCoordinator (API key 10): which broker looks after groups or transactional ids. */
export const findCoordinatorApi = messages.findCoordinator.at(4)
