import { compile } from './codec/compile.ts'
import type { AnyStruct } from './fields/field-types.ts'
import { array, int16, int32, string, struct } from './fields/fields.ts'
import type { ReadAt, WrittenAt } from './fields/message-values.ts'
import { type Message, messageOf } from './message.ts'

/**
 * The content that consumers put into JoinGroup and SyncGroup; brokers treat it as opaque bytes. These are the fields
 * of all versions. Later versions add fields after them, which are ignored.
 */
export const consumerProtocolSubscription = plainMessage(
  'ConsumerProtocolSubscription',
  struct({ version: int16, topics: array(string) }),
)

/** As `consumerProtocolSubscription`, for the assignment of a member. */
export const consumerProtocolAssignment = plainMessage(
  'ConsumerProtocolAssignment',
  struct({ version: int16, topics: array(struct({ topic: string, partitions: array(int32) })) }),
)

function plainMessage<S extends AnyStruct>(name: string, content: S): Message<ReadAt<S, 0>, WrittenAt<S, 0>> {
  return messageOf(compile(content, { version: 0, isFlexible: false }, name))
}
