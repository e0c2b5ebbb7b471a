import { defineApi } from '../api.ts'
import { array, boolean, bytes, field, int16, int32, nullable, string, struct } from '../fields/fields.ts'

/**
 * DescribeGroups (API key 15): groups of the classic protocol, whose members agree on the assignment among themselves.
 * Most clients other than Java's still use them.
 */
export const describeGroups = defineApi({
  key: 15,
  name: 'DescribeGroups',
  versions: [0, 6],
  flexibleSince: 5,
  request: struct({
    groups: array(string),
    includeAuthorizedOperations: field(boolean, { since: 3 }),
  }),
  response: struct({
    throttleTimeMs: field(int32, { since: 1, ignorable: true }),
    groups: array(
      struct({
        errorCode: int16,
        errorMessage: field(nullable(string), { since: 6, default: null }),
        groupId: string,
        groupState: string,
        protocolType: string,
        protocolData: string,
        members: array(
          struct({
            memberId: string,
            groupInstanceId: field(nullable(string), { since: 4, default: null, ignorable: true }),
            clientId: string,
            clientHost: string,
            memberMetadata: bytes,
            memberAssignment: bytes,
          }),
        ),
        authorizedOperations: field(int32, { since: 3, default: -2147483648 }),
      }),
    ),
  }),
})
