import { defineApi } from '../codec/api.ts'
import { array, int16, int32, int8, nullableString, string, struct } from '../codec/fields.ts'

/** What a coordinator looks after, as FindCoordinator numbers it. */
export const coordinatorType = { group: 0, transaction: 1 } as const

export type CoordinatorType = keyof typeof coordinatorType

/** FindCoordinator (API key 10): which broker looks after groups or transactional ids. */
export const findCoordinator = defineApi({
  key: 10,
  name: 'FindCoordinator',
  version: 4,
  request: struct({ keyType: int8, coordinatorKeys: array(string) }),
  response: struct({
    throttleTimeMs: int32,
    coordinators: array(
      struct({ key: string, nodeId: int32, host: string, port: int32, errorCode: int16, errorMessage: nullableString }),
    ),
  }),
})
