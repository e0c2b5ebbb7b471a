import { compile } from './codec/compile.ts'
import type { AnyStruct } from './fields/field-types.ts'
import { array, int16, int32, string, struct } from './fields/fields.ts'
import type { ReadAt, WrittenAt } from './fields/message-values.ts'
import { type Message, messageOf } from './message.ts'

/**
 * What consumers put into the bytes of JoinGroup and SyncGroup, which brokers do not look into: the part that all
 * versions have. Later versions add fields after it, which are left alone.
 */
export const consumerProtocolSubscription = plainMessage(
  'ConsumerProtocolSubscription',
  struct({ version: int16, topics: array(string) }),
)

/** As `consumerProtocolSubscription`, for what a member is assigned. */
export const consumerProtocolAssignment = plainMessage(
  'ConsumerProtocolAssignment',
  struct({ version: int16, topics: array(struct({ topic: string, partitions: array(int32) })) }),
)

function plainMessage<S extends AnyStruct>(name: string, content: S): Message<ReadAt<S, 0>, WrittenAt<S, 0>> {
  return messageOf(compile(content, { version: 0, isFlexible: false }, name))
}
