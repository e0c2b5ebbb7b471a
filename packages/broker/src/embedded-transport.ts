import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  type AnyOperation,
  capabilities,
  consumerGroupHeartbeat,
  createPartitions,
  createTopics,
  deleteGroups,
  deleteRecords,
  deleteTopics,
  describeConfigs,
  describeGroups,
  describeProducers,
  describeTransactions,
  endTxn,
  fetch,
  incrementalAlterConfigs,
  initProducerId,
  listGroups,
  listOffsets,
  listTransactions,
  metadata,
  offsetCommit,
  offsetDelete,
  offsetFetch,
  offsetForLeaderEpoch,
  produce,
  type RequestOf,
  type ResponseOf,
  type SendOptions,
  type Transport,
  txnOffsetCommit,
} from '@kafkado/core'
import { checkRequest, errorOfCode } from '@kafkado/core/internal'
import type { EngineSettings } from './broker-options.ts'
import { Engine } from './engine/engine.ts'
import { handleProduce } from './handlers/00-produce.ts'
import { handleFetch } from './handlers/01-fetch.ts'
import { handleListOffsets } from './handlers/02-list-offsets.ts'
import { handleMetadata } from './handlers/03-metadata.ts'
import { handleOffsetCommit } from './handlers/08-offset-commit.ts'
import { handleOffsetFetch } from './handlers/09-offset-fetch.ts'
import { handleListGroups } from './handlers/16-list-groups.ts'
import { handleCreateTopics } from './handlers/19-create-topics.ts'
import { handleDeleteTopics } from './handlers/20-delete-topics.ts'
import { handleDeleteRecords } from './handlers/21-delete-records.ts'
import { handleInitProducerId } from './handlers/22-init-producer-id.ts'
import { handleOffsetForLeaderEpoch } from './handlers/23-offset-for-leader-epoch.ts'
import { handleAddPartitionsToTxn } from './handlers/24-add-partitions-to-txn.ts'
import { handleAddOffsetsToTxn } from './handlers/25-add-offsets-to-txn.ts'
import { handleEndTxn } from './handlers/26-end-txn.ts'
import { handleTxnOffsetCommit } from './handlers/28-txn-offset-commit.ts'
import { handleDescribeConfigs } from './handlers/32-describe-configs.ts'
import { handleCreatePartitions } from './handlers/37-create-partitions.ts'
import { handleDeleteGroups } from './handlers/42-delete-groups.ts'
import { handleIncrementalAlterConfigs } from './handlers/44-incremental-alter-configs.ts'
import { handleOffsetDelete } from './handlers/47-offset-delete.ts'
import { handleDescribeProducers } from './handlers/61-describe-producers.ts'
import { handleDescribeTransactions } from './handlers/65-describe-transactions.ts'
import { handleListTransactions } from './handlers/66-list-transactions.ts'
import { handleConsumerGroupHeartbeat } from './handlers/68-consumer-group-heartbeat.ts'
import { handleDescribeGroups } from './handlers/69-describe-groups.ts'
import { handleCapabilities } from './handlers/capabilities.ts'
import type { Handler } from './handlers/handler.ts'
import type { Storage } from './storage/storage.ts'

type AnyHandler = Handler<AnyOperation>

const handlers = new Map<AnyOperation, AnyHandler>([
  [capabilities, handleCapabilities],
  [produce, handleProduce],
  [fetch, handleFetch],
  [listOffsets, handleListOffsets],
  [metadata, handleMetadata],
  [offsetCommit, handleOffsetCommit],
  [offsetFetch, handleOffsetFetch],
  [listGroups, handleListGroups],
  [createTopics, handleCreateTopics],
  [deleteTopics, handleDeleteTopics],
  [deleteRecords, handleDeleteRecords],
  [initProducerId, handleInitProducerId],
  [offsetForLeaderEpoch, handleOffsetForLeaderEpoch],
  [addPartitionsToTxn, handleAddPartitionsToTxn],
  [addOffsetsToTxn, handleAddOffsetsToTxn],
  [endTxn, handleEndTxn],
  [txnOffsetCommit, handleTxnOffsetCommit],
  [describeConfigs, handleDescribeConfigs],
  [createPartitions, handleCreatePartitions],
  [deleteGroups, handleDeleteGroups],
  [incrementalAlterConfigs, handleIncrementalAlterConfigs],
  [offsetDelete, handleOffsetDelete],
  [describeProducers, handleDescribeProducers],
  [describeTransactions, handleDescribeTransactions],
  [listTransactions, handleListTransactions],
  [consumerGroupHeartbeat, handleConsumerGroupHeartbeat],
  [describeGroups, handleDescribeGroups],
])

/** What a disk that is nearly full has no room for. The rest goes on, because it ends or removes things. */
const growing = new Set<AnyOperation>([produce, createTopics, createPartitions])

/** A single-node Kafka in this process, as a Transport. */
export class EmbeddedTransport implements Transport, AsyncDisposable {
  readonly #settings: EngineSettings
  readonly #makeStorage: () => Storage | Promise<Storage>
  #opening: Promise<Engine> | undefined
  #closing: Promise<void> | undefined

  /** @internal use `memory()` or `embedded()` */
  constructor(makeStorage: () => Storage | Promise<Storage>, settings: EngineSettings) {
    this.#makeStorage = makeStorage
    this.#settings = settings
  }

  /**
   * Opens the engine, which otherwise the first operation does.
   *
   * @throws StorageError when its folder cannot be opened or is in use
   */
  async open(): Promise<void> {
    await this.#engine()
  }

  async send<O extends AnyOperation>(
    operation: O,
    request: RequestOf<O>,
    { signal }: SendOptions = {},
  ): Promise<ResponseOf<O>> {
    signal?.throwIfAborted()
    if (this.#closing)
      throw errorOfCode(
        'NETWORK_EXCEPTION',
        { detail: 'the engine is closed' },
        { retriable: false, outcome: 'failed' },
      )
    const handler = handlers.get(operation)
    if (!handler)
      throw errorOfCode('UNSUPPORTED_VERSION', {
        detail: `the embedded engine does not know the operation ${operation.name}`,
      })
    checkRequest(operation, request)
    const engine = await this.#engine()
    if (growing.has(operation)) engine.freeSpace.check()
    return (await engine.answer(() => handler(engine, request, signal), signal)) as ResponseOf<O>
  }

  /** Waits for what is being written and lets go of the storage. May be called more than once. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #engine(): Promise<Engine> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  async #open(): Promise<Engine> {
    const engine = new Engine(await this.#makeStorage(), this.#settings)
    await engine.open()
    return engine
  }

  async #close(): Promise<void> {
    const engine = await this.#opening?.catch(() => undefined)
    await engine?.close()
  }
}
