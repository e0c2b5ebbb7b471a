import * as operations from '@kafkado/core'
import {
  type AnyOperation,
  DisconnectedError,
  type RequestOf,
  type ResponseOf,
  type SendOptions,
  type Transport,
} from '@kafkado/core'
import { checkRequest, errorOfCode } from '@kafkado/core/internal'
import { Call } from './cluster/call.ts'
import { Cluster } from './cluster/cluster.ts'
import { sendProduce } from './operations/00-produce.ts'
import { sendFetch } from './operations/01-fetch.ts'
import { sendListOffsets } from './operations/02-list-offsets.ts'
import { sendMetadata } from './operations/03-metadata.ts'
import { sendOffsetCommit } from './operations/08-offset-commit.ts'
import { sendOffsetFetch } from './operations/09-offset-fetch.ts'
import { sendListGroups } from './operations/16-list-groups.ts'
import { sendCreateTopics } from './operations/19-create-topics.ts'
import { sendDeleteTopics } from './operations/20-delete-topics.ts'
import { sendDeleteRecords } from './operations/21-delete-records.ts'
import { sendInitProducerId } from './operations/22-init-producer-id.ts'
import { sendOffsetForLeaderEpoch } from './operations/23-offset-for-leader-epoch.ts'
import { sendAddPartitionsToTxn } from './operations/24-add-partitions-to-txn.ts'
import { sendAddOffsetsToTxn } from './operations/25-add-offsets-to-txn.ts'
import { sendEndTxn } from './operations/26-end-txn.ts'
import { sendTxnOffsetCommit } from './operations/28-txn-offset-commit.ts'
import { sendDescribeConfigs } from './operations/32-describe-configs.ts'
import { sendCreatePartitions } from './operations/37-create-partitions.ts'
import { sendDeleteGroups } from './operations/42-delete-groups.ts'
import { sendIncrementalAlterConfigs } from './operations/44-incremental-alter-configs.ts'
import { sendOffsetDelete } from './operations/47-offset-delete.ts'
import { sendDescribeProducers } from './operations/61-describe-producers.ts'
import { sendDescribeTransactions } from './operations/65-describe-transactions.ts'
import { sendListTransactions } from './operations/66-list-transactions.ts'
import { sendConsumerGroupHeartbeat } from './operations/68-consumer-group-heartbeat.ts'
import { sendDescribeGroups } from './operations/69-describe-groups.ts'
import { capabilitiesHandler } from './operations/capabilities.ts'
import type { WireHandler } from './operations/handler.ts'
import type { WireSettings } from './wire-options.ts'

const handlers: ReadonlyMap<AnyOperation, WireHandler<AnyOperation>> = new Map<AnyOperation, WireHandler<AnyOperation>>(
  [
    [operations.capabilities, capabilitiesHandler((): string[] => [...handlers.keys()].map(({ name }) => name))],
    [operations.produce, sendProduce],
    [operations.fetch, sendFetch],
    [operations.listOffsets, sendListOffsets],
    [operations.metadata, sendMetadata],
    [operations.offsetCommit, sendOffsetCommit],
    [operations.offsetFetch, sendOffsetFetch],
    [operations.listGroups, sendListGroups],
    [operations.createTopics, sendCreateTopics],
    [operations.deleteTopics, sendDeleteTopics],
    [operations.deleteRecords, sendDeleteRecords],
    [operations.initProducerId, sendInitProducerId],
    [operations.offsetForLeaderEpoch, sendOffsetForLeaderEpoch],
    [operations.addPartitionsToTxn, sendAddPartitionsToTxn],
    [operations.addOffsetsToTxn, sendAddOffsetsToTxn],
    [operations.endTxn, sendEndTxn],
    [operations.txnOffsetCommit, sendTxnOffsetCommit],
    [operations.describeConfigs, sendDescribeConfigs],
    [operations.createPartitions, sendCreatePartitions],
    [operations.deleteGroups, sendDeleteGroups],
    [operations.incrementalAlterConfigs, sendIncrementalAlterConfigs],
    [operations.offsetDelete, sendOffsetDelete],
    [operations.describeProducers, sendDescribeProducers],
    [operations.describeTransactions, sendDescribeTransactions],
    [operations.listTransactions, sendListTransactions],
    [operations.consumerGroupHeartbeat, sendConsumerGroupHeartbeat],
    [operations.describeGroups, sendDescribeGroups],
  ],
)

/** A cluster of Apache Kafka brokers, as a Transport. Nothing is kept but connections and where leaders are, so any number may share a cluster. */
export class WireTransport implements Transport, AsyncDisposable {
  readonly #settings: WireSettings
  readonly #cluster: Cluster
  readonly #closing = new AbortController()

  /** @internal use `wire()` */
  constructor(settings: WireSettings) {
    this.#settings = settings
    this.#cluster = new Cluster(settings, this.#closing.signal)
  }

  async send<O extends AnyOperation>(
    operation: O,
    request: RequestOf<O>,
    { signal, timeoutMs = Number.POSITIVE_INFINITY }: SendOptions = {},
  ): Promise<ResponseOf<O>> {
    if (this.#closing.signal.aborted)
      throw new DisconnectedError('the client is closed', { retriable: false, outcome: 'failed' })
    const handler = handlers.get(operation)
    if (!handler)
      throw errorOfCode('UNSUPPORTED_VERSION', { detail: `there is no operation ${operation.name} on Apache Kafka` })
    checkRequest(operation, request)
    const limitMs = Math.min(timeoutMs, this.#settings.timeoutMs) + operation.longPollMs(request)
    const call = new Call(operation.name, operation.repeatable(request), limitMs, this.#settings.runtime)
    const work = (): Promise<ResponseOf<O>> => handler(this.#cluster, request, call) as Promise<ResponseOf<O>>
    return call.run(work, signal, this.#closing.signal)
  }

  /** Closes all connections; what is under way fails. May be called more than once, and always ends. */
  async close(): Promise<void> {
    if (!this.#closing.signal.aborted)
      this.#closing.abort(new DisconnectedError('the client was closed before the answer came', { retriable: false }))
    await this.#cluster.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
