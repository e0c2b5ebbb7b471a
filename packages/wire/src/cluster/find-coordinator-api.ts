import * as messages from '@kafkado/messages'

/** The kinds of coordinators, as FindCoordinator numbers them. */
export const coordinatorType = { group: 0, transaction: 1 } as const

export type CoordinatorType = keyof typeof coordinatorType

/** FindCoordinator (API key 10): the broker that coordinates a group or a transactional id. */
export const findCoordinatorApi = messages.findCoordinator.at(4)
