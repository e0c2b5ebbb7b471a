import { describeGroups, fetch, listGroups, metadata, offsetFetch, type Transport } from '@kafkado/core'
import type { FetchedPartition } from '@kafkado/core/protocol'
import { controlRecordType, readRecords, recordBatchesIn, unpackRecordBatch } from '@kafkado/core/internal'
import type { EventContent } from '../history/history-event.ts'
import type { FinalLog, FinalRecord } from '../history/log-events.ts'
import { headersAt } from '../clients/record-traits.ts'
import { valueInHeaders } from '../clients/tombstones.ts'
import { partitionsOf } from './engine-witness.ts'

const decoder = new TextDecoder()

/** Everything that is in the logs of some topics, read straight from the engine. */
export async function readLogs(engine: Transport, isRead: (topic: string) => boolean): Promise<FinalLog[]> {
  const { topics } = await engine.send(metadata, { topics: null, allowAutoTopicCreation: false })
  const logs: FinalLog[] = []
  for (const { topic, topicId, partitions } of topics)
    if (topicId !== null && isRead(topic))
      for (const { partition } of partitions) logs.push(await readLog(engine, topic, topicId, partition))
  return logs
}

async function readLog(engine: Transport, topic: string, topicId: string, partition: number): Promise<FinalLog> {
  const ask = async (fetchOffset: number): Promise<FetchedPartition> => {
    const partitions = [{ partition, fetchOffset, partitionMaxBytes: 1 << 20 }]
    const { topics } = await engine.send(fetch, {
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 1 << 20,
      isolationLevel: 'read_uncommitted',
      topics: [{ topic, topicId, partitions }],
    })
    return topics[0]?.partitions[0] as FetchedPartition
  }
  // The answer to an offset that is not there says where the log begins.
  const { logStartOffset, highWatermark, lastStableOffset } = await ask(Number.MAX_SAFE_INTEGER)
  const reading = new LogReading()
  for (let offset = logStartOffset; offset < highWatermark;) {
    const { records, errorCode } = await ask(offset)
    const next = await reading.add(records)
    if (next <= offset) throw new Error(`${topic}/${partition} cannot be read at ${offset}: error ${errorCode}`)
    offset = next
  }
  return {
    type: 'final-log',
    topic,
    topicId,
    partition,
    logStartOffset,
    highWatermark,
    lastStableOffset,
    records: reading.records.filter(({ offset }) => offset >= logStartOffset),
  }
}

/** Goes over the batches of a log, and finds out how the transactions in it ended. */
class LogReading {
  readonly records: FinalRecord[] = []
  /** Where the records of each open transaction stand among all. */
  readonly #open = new Map<number, number[]>()
  #nextOffset = -1

  /** @returns the offset after what was added */
  async add(bytes: Uint8Array): Promise<number> {
    for (const { header, batch } of recordBatchesIn(bytes)) {
      const { producerId, isTransactional, isControl, baseOffset, lastOffsetDelta } = header
      const unpacked = await unpackRecordBatch(batch, header)
      this.#nextOffset = baseOffset + lastOffsetDelta + 1
      readRecords(
        unpacked,
        (content, offset, timestamp, keyStart, keyEnd, valueStart, valueEnd, headersStart, count) => {
          if (isControl) {
            this.#end(producerId, controlRecordType(content, keyStart) === 'commit' ? 'committed' : 'aborted')
            return
          }
          if (isTransactional) this.#openOf(producerId).push(this.records.length)
          const key = keyStart < 0 ? {} : { key: decoder.decode(content.subarray(keyStart, keyEnd)) }
          const headers = headersAt(content, headersStart, count)
          const value =
            valueStart < 0 ? valueInHeaders(headers) : decoder.decode(content.subarray(valueStart, valueEnd))
          const traits = { ...key, headers, timestamp }
          this.records.push({ offset, value, ...traits, transaction: isTransactional ? 'open' : 'none' })
        },
      )
    }
    return this.#nextOffset
  }

  #openOf(producerId: number): number[] {
    let open = this.#open.get(producerId)
    if (!open) this.#open.set(producerId, (open = []))
    return open
  }

  #end(producerId: number, transaction: 'committed' | 'aborted'): void {
    for (const index of this.#openOf(producerId))
      this.records[index] = { ...(this.records[index] as FinalRecord), transaction }
    this.#open.delete(producerId)
  }
}

/**
 * What the engine says of its groups when it is asked directly: their members, and what they have committed.
 *
 * @param eventCount how many events there are, when each is asked for
 */
export async function readGroups(engine: Transport, eventCount: () => number): Promise<EventContent[]> {
  const found: EventContent[] = []
  const { groups } = await engine.send(listGroups, { statesFilter: [], typesFilter: [] })
  for (const { groupId: group } of groups) {
    const seenSince = eventCount()
    const described = (await engine.send(describeGroups, { groupIds: [group] })).groups[0]
    if (described?.errorCode === 0)
      found.push({
        type: 'group-seen',
        since: seenSince,
        group,
        groupEpoch: described.groupEpoch,
        members: described.members.map(({ memberId, memberEpoch, assignment }) => ({
          memberId,
          memberEpoch,
          assignment: partitionsOf(assignment),
        })),
      })
    const asked = { groupId: group, memberId: null, memberEpoch: -1, topics: null, requireStable: false }
    const since = eventCount()
    const { topics } = await engine.send(offsetFetch, asked)
    const offsets = topics.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, committedOffset: offset }) => ({ topic, partition, offset })),
    )
    found.push({ type: 'committed', since, group, offsets })
  }
  return found
}
