import type { StorageChanges } from '@kafkado/broker/storage'
import { readRecordBatchHeader } from '@kafkado/core/internal'
import type { History } from '../history/history.ts'
import type { Removal, TopicSettings } from '../history/log-events.ts'
import { NewestOfKeys } from './newest-of-keys.ts'

interface Topic {
  readonly topic: string
  readonly topicId: string
  readonly logIds: readonly number[]
}

interface Batch {
  readonly bytes: number
  readonly maxTimestamp: number
}

interface Log {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
}

/** Which topics and logs there are, by what reached the disk; and what of it the history tells. */
export class LogDirectory {
  readonly #history: History
  readonly #topics = new Map<string, Topic>()
  readonly #logs = new Map<number, Log>()
  readonly #starts = new Map<number, number>()
  /** How large each batch is and how young, by log and last offset. */
  readonly #batches = new Map<number, Map<number, Batch>>()
  readonly #serverMs: () => number
  readonly #newest: NewestOfKeys

  /** @param serverMs the time of the server's clock */
  constructor(history: History, serverMs: () => number) {
    this.#history = history
    this.#serverMs = serverMs
    this.#newest = new NewestOfKeys(history, serverMs)
  }

  /** The topics that there are. */
  get topics(): readonly Topic[] {
    return [...this.#topics.values()]
  }

  idOf(topic: string): string | undefined {
    return this.topics.find((one) => one.topic === topic)?.topicId
  }

  /** What was made durable. */
  readonly onKept = (unit: StorageChanges): void => {
    for (const { logId, lastOffset, bytes } of unit.batches) this.#onBatch(logId, lastOffset, bytes)
    for (const { logId, lastOffset, bytes } of unit.replacedBatches) this.#onBatch(logId, lastOffset, bytes)
    for (const { kind, path, value } of unit.records) {
      if (kind === 'topic') this.#onTopic(path[0], value)
      if (kind === 'log' && value) this.#onStart(path[0], value.logStartOffset)
    }
    const ends = new Map<number, number>()
    for (const { logId, lastOffset } of unit.batches) ends.set(logId, lastOffset + 1)
    const logs = [...ends].flatMap(([logId, endOffset]) => {
      const log = this.#logs.get(logId)
      return log ? [{ ...log, endOffset }] : []
    })
    if (logs.length > 0) this.#history.add('storage', { type: 'synced', logs })
  }

  #onTopic(
    topicId: string,
    value: {
      readonly name: string
      readonly logIds: readonly number[]
      readonly configs: Readonly<Record<string, string>>
    } | null,
  ): void {
    const before = this.#topics.get(topicId)
    if (value === null) {
      this.#topics.delete(topicId)
      if (before) this.#history.add('storage', { type: 'topic-deleted', topic: before.topic, topicId })
      return
    }
    const { name: topic, logIds, configs } = value
    this.#topics.set(topicId, { topic, topicId, logIds })
    const { cleanup } = settingsOf(configs)
    logIds.forEach((logId, partition) => {
      const log = { topic, topicId, partition }
      this.#logs.set(logId, log)
      if (cleanup !== 'delete') this.#newest.follow(logId, log)
    })
    if (!before)
      this.#history.add('storage', {
        type: 'topic-created',
        topic,
        topicId,
        partitions: logIds.length,
        ...settingsOf(configs),
      })
    else if (logIds.length > before.logIds.length)
      this.#history.add('storage', { type: 'topic-extended', topic, topicId, partitions: logIds.length })
  }

  #onStart(logId: number, logStartOffset: number): void {
    const log = this.#logs.get(logId)
    if (!log || logStartOffset <= (this.#starts.get(logId) ?? 0)) return
    this.#starts.set(logId, logStartOffset)
    this.#newest.begins(logId, logStartOffset)
    const removal = this.#remove(logId, logStartOffset)
    this.#history.add('storage', { type: 'records-removed', why: 'retention', ...log, logStartOffset, removal })
  }

  #onBatch(logId: number, lastOffset: number, bytes: Uint8Array | null): void {
    this.#newest.onBatch(logId, lastOffset, bytes)
    const batches = this.#batches.get(logId) ?? new Map<number, Batch>()
    this.#batches.set(logId, batches)
    if (bytes === null) batches.delete(lastOffset)
    else batches.set(lastOffset, { bytes: bytes.length, maxTimestamp: readRecordBatchHeader(bytes).maxTimestamp })
  }

  #remove(logId: number, logStartOffset: number): Removal {
    const batches = this.#batches.get(logId) ?? new Map<number, Batch>()
    let [newestMs, keptBytes] = [-1, 0]
    for (const [lastOffset, { bytes, maxTimestamp }] of batches)
      if (lastOffset >= logStartOffset) keptBytes += bytes
      else {
        newestMs = Math.max(newestMs, maxTimestamp)
        batches.delete(lastOffset)
      }
    return { newestMs, keptBytes, serverMs: this.#serverMs() }
  }
}

/** What the checker has to know of a topic's settings. */
export function settingsOf(configs: Readonly<Record<string, string>>): TopicSettings {
  const policy = configs['cleanup.policy'] ?? 'delete'
  const cleanup = policy === 'compact' || policy === 'delete' ? policy : 'compact,delete'
  const isDeleted = cleanup !== 'compact'
  const { 'retention.ms': ms, 'retention.bytes': bytes, 'min.compaction.lag.ms': lagMs } = configs
  const { 'delete.retention.ms': tombstonesMs } = configs
  const timestampType = configs['message.timestamp.type']
  return {
    cleanup,
    hasRetention: isDeleted && (ms !== undefined || bytes !== undefined),
    ...(isDeleted && ms !== undefined && { retentionMs: Number(ms) }),
    ...(isDeleted && bytes !== undefined && { retentionBytes: Number(bytes) }),
    ...(cleanup !== 'delete' && { minCompactionLagMs: Number(lagMs ?? 0) }),
    ...(cleanup !== 'delete' && { deleteRetentionMs: Number(tombstonesMs ?? 86_400_000) }),
    ...(timestampType !== undefined && { isAppendTime: timestampType === 'LogAppendTime' }),
  }
}
