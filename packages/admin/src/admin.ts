import type { Transport } from '@kafkado/core'
import { abortTransaction } from './transactions/abort-transaction.ts'
import { alterTopic, type AlterTopicOptions } from './topics/alter-topic.ts'
import { createTopic, type CreateTopicOptions } from './topics/create-topic.ts'
import { deleteGroup } from './groups/delete-group.ts'
import { type DeleteBefore, deleteRecords } from './topics/delete-records.ts'
import { deleteTopic } from './topics/delete-topic.ts'
import { describeGroup, type GroupDescription } from './groups/describe-group.ts'
import { describeTopic, type TopicDescription } from './topics/describe-topic.ts'
import { type GroupSummary, listGroups } from './groups/list-groups.ts'
import { listTopics, type TopicSummary } from './topics/list-topics.ts'
import { listTransactions, type TransactionSummary } from './transactions/list-transactions.ts'
import { resetOffsets, type ResetOffsetsOptions, type ResetPosition } from './groups/reset-offsets.ts'

/** Makes the administration of topics, groups and transactions over a transport. The caller closes the transport. */
export function createAdmin(transport: Transport): Admin {
  return new Admin(transport)
}

/**
 * Topics, groups and transactions. Each method is the function of the same name, bound to a transport. Made by {@link
 * createAdmin}.
 */
export class Admin {
  readonly #transport: Transport

  /** @internal use {@link createAdmin} */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** {@link createTopic} */
  createTopic(name: string, options?: CreateTopicOptions): Promise<void> {
    return createTopic(this.#transport, name, options)
  }

  /** {@link listTopics} */
  listTopics(): Promise<TopicSummary[]> {
    return listTopics(this.#transport)
  }

  /** {@link describeTopic} */
  describeTopic(name: string): Promise<TopicDescription> {
    return describeTopic(this.#transport, name)
  }

  /** {@link alterTopic} */
  alterTopic(name: string, options: AlterTopicOptions): Promise<void> {
    return alterTopic(this.#transport, name, options)
  }

  /** {@link deleteTopic} */
  deleteTopic(name: string): Promise<void> {
    return deleteTopic(this.#transport, name)
  }

  /** {@link deleteRecords} */
  deleteRecords(name: string, before: DeleteBefore): Promise<Map<number, number>> {
    return deleteRecords(this.#transport, name, before)
  }

  /** {@link listGroups} */
  listGroups(): Promise<GroupSummary[]> {
    return listGroups(this.#transport)
  }

  /** {@link describeGroup} */
  describeGroup(id: string): Promise<GroupDescription> {
    return describeGroup(this.#transport, id)
  }

  /** {@link resetOffsets} */
  resetOffsets(
    group: string,
    topic: string,
    position: ResetPosition,
    options: ResetOffsetsOptions = {},
  ): Promise<Map<number, number>> {
    return resetOffsets(this.#transport, group, topic, position, options)
  }

  /** {@link deleteGroup} */
  deleteGroup(id: string): Promise<void> {
    return deleteGroup(this.#transport, id)
  }

  /** {@link listTransactions} */
  listTransactions(): Promise<TransactionSummary[]> {
    return listTransactions(this.#transport)
  }

  /** {@link abortTransaction} */
  abortTransaction(id: string): Promise<void> {
    return abortTransaction(this.#transport, id)
  }
}
