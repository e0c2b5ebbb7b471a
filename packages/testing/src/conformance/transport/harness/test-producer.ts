import { describeTransactions, endTxn, initProducerId, produce, txnOffsetCommit } from '@kafkado/core'
import type {
  EndTxnResponse,
  InitProducerIdRequest,
  ProduceResponse,
  TxnOffsetCommitRequest,
} from '@kafkado/core/protocol'
import type { RecordContent } from '@kafkado/core/protocol'
import { batch, type Harness } from './harness.ts'

type ProducedPartition = ProduceResponse['topics'][number]['partitions'][number]
type PartitionAnswer = { partition: number; errorCode: number }

/** A transactional producer that acts like a client, one request at a time. */
export class TestProducer {
  readonly transactionalId: string
  producerId = -1
  producerEpoch = -1
  readonly #harness: Harness
  readonly #sequences = new Map<string, number>()

  constructor(harness: Harness, transactionalId: string = harness.name('transaction')) {
    this.#harness = harness
    this.transactionalId = transactionalId
  }

  /** Takes over the transactional id; with `expected`, as a producer that continues. */
  async init(options: Partial<InitProducerIdRequest> = {}): Promise<this> {
    const { transactionalId } = this
    const request = { transactionalId, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1, ...options }
    this.#adopt(await this.#harness.transport.send(initProducerId, request))
    return this
  }

  /** Appends one batch of values to the open transaction, or begins one. */
  send(topic: string, values: string[], partition = 0): Promise<ProducedPartition> {
    return this.sendRecords(
      topic,
      values.map((value) => ({ value })),
      partition,
    )
  }

  /** As `send`, with whole records. */
  async sendRecords(topic: string, contents: Partial<RecordContent>[], partition = 0): Promise<ProducedPartition> {
    const { transactionalId, producerId, producerEpoch } = this
    const place = `${topic}/${partition}`
    const baseSequence = this.#sequences.get(place) ?? 0
    const options = { isTransactional: true, producerId, producerEpoch, baseSequence }
    const records = batch(contents, options)
    const topics = [{ topic, partitions: [{ partition, records }] }]
    const response = await this.#harness.transport.send(produce, {
      transactionalId,
      acks: -1,
      timeoutMs: 30_000,
      topics,
    })
    const answer = response.topics[0]?.partitions[0] as ProducedPartition
    if (answer.errorCode === 0) this.#sequences.set(place, baseSequence + contents.length)
    return answer
  }

  /** Commits a group's offset within the transaction. */
  async commitOffset(
    groupId: string,
    topic: string,
    committedOffset: number,
    options: Partial<TxnOffsetCommitRequest> = {},
  ): Promise<PartitionAnswer> {
    const { transactionalId, producerId, producerEpoch } = this
    const partitions = [{ partition: 0, committedOffset, committedLeaderEpoch: -1, committedMetadata: null }]
    const response = await this.#harness.transport.send(txnOffsetCommit, {
      transactionalId,
      producerId,
      producerEpoch,
      groupId,
      memberId: '',
      generationId: -1,
      groupInstanceId: null,
      topics: [{ topic, partitions }],
      ...options,
    })
    return response.topics[0]?.partitions[0] as PartitionAnswer
  }

  /** Ends the transaction and continues with the identity in the answer, once the end shows in all partitions. */
  async end(committed: boolean): Promise<EndTxnResponse> {
    const response = await this.askEnd(committed)
    this.#adopt(response)
    await this.ended()
    return response
  }

  /** Waits until the requested end shows in all partitions. */
  async ended(): Promise<void> {
    if (!this.#harness.isEventual) return
    await this.#harness.until(
      () => this.state(),
      (state) => !state?.startsWith('Prepare'),
    )
  }

  /** The coordinator's state of the transactional id. */
  async state(): Promise<string | undefined> {
    const request = { transactionalIds: [this.transactionalId] }
    return (await this.#harness.transport.send(describeTransactions, request)).transactionStates[0]?.transactionState
  }

  /** Requests the end as `end` does and ignores the answer, as if it were lost. */
  askEnd(committed: boolean): Promise<EndTxnResponse> {
    const { transactionalId, producerId, producerEpoch } = this
    return this.#harness.transport.send(endTxn, { transactionalId, producerId, producerEpoch, committed })
  }

  #adopt({ producerId, producerEpoch }: { producerId: number; producerEpoch: number }): void {
    if (producerId !== this.producerId || producerEpoch !== this.producerEpoch) this.#sequences.clear()
    this.producerId = producerId
    this.producerEpoch = producerEpoch
  }
}
