export { abortTransaction } from './transactions/abort-transaction.ts'
export { Admin, createAdmin } from './admin.ts'
export { alterTopic, type AlterTopicOptions } from './topics/alter-topic.ts'
export { createTopic, type CreateTopicOptions, type TopicRetention } from './topics/create-topic.ts'
export { deleteGroup } from './groups/delete-group.ts'
export { type DeleteBefore, deleteRecords } from './topics/delete-records.ts'
export { deleteTopic } from './topics/delete-topic.ts'
export {
  describeGroup,
  type GroupDescription,
  type GroupMemberDescription,
  type GroupOffset,
} from './groups/describe-group.ts'
export { describeTopic, type TopicDescription } from './topics/describe-topic.ts'
export { type GroupSummary, listGroups } from './groups/list-groups.ts'
export { listTopics, type TopicSummary } from './topics/list-topics.ts'
export { listTransactions, type TransactionSummary } from './transactions/list-transactions.ts'
export { type LogPosition } from '@kafkado/core'
export { resetOffsets, type ResetOffsetsOptions, type ResetPosition } from './groups/reset-offsets.ts'
