import { fetch, KafkaError } from '@kafkado/core'
import type { FetchedPartition, FetchRequest } from '@kafkado/core/protocol'
import { failed, succeeded } from '@kafkado/core/internal/answers'
import type { Engine } from '../engine/engine.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import { meantTopic } from '../topic/meant-topic.ts'
import type { Topic } from '../topic/topic-registry.ts'
import { deletedMeanwhile, handles, noMeantPartition } from './handler.ts'

interface Outcome {
  readonly topics: { topic: string; partitions: FetchedPartition[] }[]
  readonly bytes: number
  readonly hasError: boolean
  readonly logs: readonly PartitionLog[]
}

const nothing = new Uint8Array(0)

/** Returns whole batches from each offset. Waits for `minBytes`, unless a partition has an error. */
export const handleFetch = handles(fetch, async (engine, request, signal) => {
  const deadlineMs = engine.runtime.clock.monotonic() + request.maxWaitMs
  // A waiting fetch means the topics that had these names when the request came.
  const meant = request.topics.map((topic) => meantTopic(engine.topics, topic))
  for (;;) {
    const near = bringNear(engine, request, meant)
    if (near) await near
    const { topics, bytes, hasError, logs } = read(engine, request, meant)
    const leftMs = deadlineMs - engine.runtime.clock.monotonic()
    if (bytes >= request.minBytes || hasError || leftMs <= 0 || logs.length === 0) {
      // Only durable records are read. Other facts in the answer wait, which is hardly ever necessary.
      const undurable = engine.topicsSettled()
      if (undurable) await undurable
      return { throttleTimeMs: 0, topics }
    }
    await engine.delayedFetches.wait(logs, request.minBytes - bytes, leftMs, signal)
  }
})

/** Reads old records from the disk without blocking the event loop; undefined when there are none. */
function bringNear(
  { storage }: Engine,
  { topics, maxBytes }: FetchRequest,
  meant: readonly (Topic | undefined)[],
): Promise<unknown> | undefined {
  if (!storage.prepareRead) return undefined
  let reading: Promise<void>[] | undefined
  for (const [index, { partitions }] of topics.entries()) {
    for (const { partition, fetchOffset, partitionMaxBytes } of partitions) {
      const log = meant[index]?.partitions[partition]
      if (!log || fetchOffset < log.logStartOffset || fetchOffset >= log.highWatermark) continue
      const bytes = Math.min(partitionMaxBytes, maxBytes)
      const near = storage.prepareRead(log.logId, fetchOffset, log.highWatermark, bytes, true)
      if (near) (reading ??= []).push(near)
    }
  }
  return reading && Promise.all(reading)
}

function read(engine: Engine, request: FetchRequest, meant: readonly (Topic | undefined)[]): Outcome {
  const logs: PartitionLog[] = []
  let leftBytes = request.maxBytes
  let bytes = 0
  let hasError = false
  const readPartition = (
    asked: FetchRequest['topics'][number],
    topic: Topic | undefined,
    { partition, fetchOffset, partitionMaxBytes }: FetchRequest['topics'][number]['partitions'][number],
  ): FetchedPartition => {
    const name = asked.topic
    const log = topic?.partitions[partition]
    const isGone = topic !== undefined && engine.topics.find(name) !== topic
    if (!log || isGone) {
      hasError = true
      const error = isGone ? deletedMeanwhile(engine, asked, partition) : noMeantPartition(engine, asked, partition)
      return {
        partition,
        ...error,
        highWatermark: -1,
        lastStableOffset: -1,
        logStartOffset: -1,
        abortedTransactions: null,
        records: nothing,
      }
    }
    const { highWatermark, lastStableOffset, logStartOffset } = log
    const state = {
      partition,
      highWatermark,
      lastStableOffset,
      logStartOffset,
      abortedTransactions: request.isolationLevel === 'read_committed' ? [] : null,
    }
    if (fetchOffset < logStartOffset || fetchOffset > highWatermark) {
      hasError = true
      const message =
        `offset ${fetchOffset} of topic '${name}' partition ${partition} is out of range: ` +
        `the log reaches from ${logStartOffset} to ${highWatermark}`
      return { ...state, ...failed('OFFSET_OUT_OF_RANGE', message), records: nothing }
    }
    logs.push(log)
    const until = request.isolationLevel === 'read_committed' ? lastStableOffset : highWatermark
    if (fetchOffset >= until) return { ...state, ...succeeded, records: nothing }
    try {
      // The very first batch is sent whatever its size. Otherwise a reader could never get past it.
      const maxBytes = Math.min(partitionMaxBytes, Math.max(leftBytes, 0))
      const records = log.reads.forClient(fetchOffset, until, maxBytes, bytes === 0)
      leftBytes -= records.length
      bytes += records.length
      const abortedTransactions = state.abortedTransactions && log.aborted.within(fetchOffset, records)
      return { ...state, ...succeeded, abortedTransactions, records }
    } catch (error) {
      if (!KafkaError.is(error) || !error.kafkaName) throw error
      hasError = true
      const message =
        `what is stored of topic '${name}' partition ${partition} at offset ${fetchOffset} is ` +
        `damaged (log ${log.logId}): ${error.message}`
      return { ...state, ...failed(error.kafkaName, message), records: nothing }
    }
  }
  const topics = request.topics.map((asked, index) => ({
    topic: asked.topic,
    partitions: asked.partitions.map((partition) => readPartition(asked, meant[index], partition)),
  }))
  return { topics, bytes, hasError, logs }
}
