export { abortTransaction } from './abort-transaction.ts'
export { Admin, createAdmin } from './admin.ts'
export { alterTopic, type AlterTopicOptions } from './alter-topic.ts'
export { createTopic, type CreateTopicOptions, type TopicRetention } from './create-topic.ts'
export { deleteGroup } from './delete-group.ts'
export { type DeleteBefore, deleteRecords } from './delete-records.ts'
export { deleteTopic } from './delete-topic.ts'
export {
  describeGroup,
  type GroupDescription,
  type GroupMemberDescription,
  type GroupOffset,
} from './describe-group.ts'
export { describeTopic, type TopicDescription } from './describe-topic.ts'
export { type GroupSummary, listGroups } from './list-groups.ts'
export { listTopics, type TopicSummary } from './list-topics.ts'
export { listTransactions, type TransactionSummary } from './list-transactions.ts'
export { type LogPosition } from '@kafkado/core'
export { resetOffsets, type ResetOffsetsOptions, type ResetPosition } from './reset-offsets.ts'
