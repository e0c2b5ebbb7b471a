import type { CompressionType } from '@kafkado/core'
import { configValue } from './topic-config.ts'

/** A topic's configuration, parsed once rather than with every batch. */
export interface TopicSettings {
  /** Whether the topic keeps only the last value of each key. */
  readonly isCompacted: boolean
  /** Whether old records are deleted. */
  readonly isDeleted: boolean
  readonly maxMessageBytes: number
  /** Whether records get the time of the append. */
  readonly isAppendTime: boolean
  /** The compression of stored batches; undefined keeps the producer's. */
  readonly compression: CompressionType | undefined
  readonly timestampBeforeMaxMs: number
  readonly timestampAfterMaxMs: number
  /** Negative: for ever. */
  readonly retentionMs: number
  /** Negative: without limit. */
  readonly retentionBytes: number
  readonly deleteRetentionMs: number
  readonly minCompactionLagMs: number
  readonly maxCompactionLagMs: number
  readonly minCleanableDirtyRatio: number
}

/** @param configs checked before; missing settings have their default */
export function topicSettings(configs: Readonly<Record<string, string>>): TopicSettings {
  const number = (name: string): number => Number(configValue(configs, name))
  const policies = configValue(configs, 'cleanup.policy')
    .split(',')
    .map((policy) => policy.trim())
  const compression = configValue(configs, 'compression.type')
  return {
    isCompacted: policies.includes('compact'),
    isDeleted: policies.includes('delete'),
    maxMessageBytes: number('max.message.bytes'),
    isAppendTime: configValue(configs, 'message.timestamp.type') === 'LogAppendTime',
    compression: compressionOf(compression),
    timestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
    timestampAfterMaxMs: number('message.timestamp.after.max.ms'),
    retentionMs: number('retention.ms'),
    retentionBytes: number('retention.bytes'),
    deleteRetentionMs: number('delete.retention.ms'),
    minCompactionLagMs: number('min.compaction.lag.ms'),
    maxCompactionLagMs: number('max.compaction.lag.ms'),
    minCleanableDirtyRatio: number('min.cleanable.dirty.ratio'),
  }
}

/** The settings of a topic without a configuration. */
export const defaultTopicSettings: TopicSettings = topicSettings({})

function compressionOf(configured: string): CompressionType | undefined {
  if (configured === 'producer') return undefined
  return configured === 'uncompressed' ? 'none' : (configured as CompressionType)
}
