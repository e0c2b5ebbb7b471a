import { defineApi } from '../api.ts'
import { array, field, int16, int32, int8, nullable, string, struct } from '../fields/fields.ts'

/**
 * FindCoordinator (API key 10): the broker that coordinates groups, transactional ids or the state of share groups.
 * Version 4 finds several at a time.
 */
export const findCoordinator = defineApi({
  key: 10,
  name: 'FindCoordinator',
  versions: [0, 6],
  flexibleSince: 3,
  request: struct({
    key: field(string, { until: 3 }),
    keyType: field(int8, { since: 1, default: 0 }),
    coordinatorKeys: field(array(string), { since: 4 }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { since: 1, ignorable: true }),
    errorCode: field(int16, { until: 3 }),
    errorMessage: field(nullable(string), { since: 1, until: 3, ignorable: true }),
    nodeId: field(int32, { until: 3 }),
    host: field(string, { until: 3 }),
    port: field(int32, { until: 3 }),
    coordinators: field(
      array(
        struct({
          key: string,
          nodeId: int32,
          host: string,
          port: int32,
          errorCode: int16,
          errorMessage: nullable(string),
        }),
      ),
      { since: 4 },
    ),
  }),
})
