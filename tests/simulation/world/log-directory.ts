import type { StorageChanges } from '@kafkado/broker/storage'
import type { History } from '../history/history.ts'

interface Topic {
  readonly topic: string
  readonly topicId: string
  readonly logIds: readonly number[]
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

  constructor(history: History) {
    this.#history = history
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
    logIds.forEach((logId, partition) => this.#logs.set(logId, { topic, topicId, partition }))
    if (!before)
      this.#history.add('storage', {
        type: 'topic-created',
        topic,
        topicId,
        partitions: logIds.length,
        ...cleaningOf(configs),
      })
    else if (logIds.length > before.logIds.length)
      this.#history.add('storage', { type: 'topic-extended', topic, topicId, partitions: logIds.length })
  }

  #onStart(logId: number, logStartOffset: number): void {
    const log = this.#logs.get(logId)
    if (!log || logStartOffset <= (this.#starts.get(logId) ?? 0)) return
    this.#starts.set(logId, logStartOffset)
    this.#history.add('storage', { type: 'records-removed', why: 'retention', ...log, logStartOffset })
  }
}

/** What the checker has to know of a topic's settings. */
export function cleaningOf(configs: Readonly<Record<string, string>>): {
  readonly cleanup: 'delete' | 'compact' | 'compact,delete'
  readonly hasRetention: boolean
} {
  const policy = configs['cleanup.policy'] ?? 'delete'
  const cleanup = policy === 'compact' || policy === 'delete' ? policy : 'compact,delete'
  const hasRetention = cleanup !== 'compact' && ('retention.ms' in configs || 'retention.bytes' in configs)
  return { cleanup, hasRetention }
}
