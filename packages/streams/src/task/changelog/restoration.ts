import { describeTopic } from '@kafkado/admin'
import { PartitionReader } from '@kafkado/consumer/internal'
import { bytes, KafkaError, type KafkaRecord, type Runtime, type Transport } from '@kafkado/core'
import { messageOf } from '@kafkado/core/internal'
import { describeRecord } from '../errors/processing-errors.ts'
import type { InternalNames } from '../../graph/internal-names.ts'
import type { StateChange, StateStorage } from '../../state/state-storage.ts'
import type { StateStore } from '../../state/store-definition.ts'
import { readTimestamped, withTimestamp } from '../../state/stored-bytes.ts'
import { WindowStore } from '../../state/window-store.ts'

/** The progress of a store's restoration. */
export interface RestoreProgress {
  readonly store: string
  /** How many records of the changelog were read, and how many there are to read. */
  readonly restored: number
  readonly total: number
  readonly isDone: boolean
}

export interface RestorationParts {
  readonly transport: Transport
  readonly names: InternalNames
  readonly partition: number
  readonly runtime: Runtime
  readonly storage: StateStorage | undefined
  readonly signal: AbortSignal
}

interface Restoring {
  readonly store: StateStore
  readonly topic: string
  readonly from: number
  readonly end: number
  position: number
}

/** The size of a fetch. It is large, because the task has nothing else to do meanwhile. */
const fetchBytes = 8 * 1024 * 1024

/**
 * Brings stores to the end of their changelogs: from their storage's checkpoint if there is one, otherwise from the
 * beginning. Waits for open transactions.
 */
export async function restoreStores(
  parts: RestorationParts,
  stores: readonly StateStore[],
  onProgress: (progress: RestoreProgress) => void,
): Promise<void> {
  const restoring = await Promise.all(stores.map((store) => findRange(parts, store)))
  const open = restoring.filter(({ from, end }) => from < end)
  for (const { store } of restoring.filter((one) => !open.includes(one)))
    onProgress({ store: store.definition.name, restored: 0, total: 0, isDone: true })
  if (open.length === 0) return
  const reader = new PartitionReader(
    parts.transport,
    open.map(({ topic }) => ({ name: topic, key: bytes(), value: bytes() })),
    { runtime: parts.runtime, fetchMaxBytes: fetchBytes * 4, maxPartitionFetchBytes: fetchBytes },
    { chosen: open.map(({ topic, from }) => ({ topic, partition: parts.partition, offset: from })) },
  )
  reader.start()
  try {
    await readToEnd(parts, reader, open, onProgress)
  } finally {
    await reader.close()
  }
}

async function readToEnd(
  { partition, storage, signal }: RestorationParts,
  reader: PartitionReader,
  open: readonly Restoring[],
  onProgress: (progress: RestoreProgress) => void,
): Promise<void> {
  let left = [...open]
  while (left.length > 0) {
    signal.throwIfAborted()
    const arrival = reader.arrival(signal)
    for (const { topic, records } of reader.poll(() => true)) {
      const one = open.find((restoring) => restoring.topic === topic)
      if (one) await take(one, records as KafkaRecord<Uint8Array, Uint8Array>[], storage, signal)
    }
    for (const one of left) {
      const position = reader.position({ topic: one.topic, partition }) ?? one.position
      if (position === one.position) continue
      one.position = position
      const { store, from, end } = one
      const restored = Math.min(position, end) - from
      onProgress({ store: store.definition.name, restored, total: end - from, isDone: position >= end })
    }
    left = left.filter(({ position, end }) => position < end)
    if (left.length > 0) await arrival
  }
}

async function take(
  { store, topic }: Restoring,
  records: readonly KafkaRecord<Uint8Array, Uint8Array>[],
  storage: StateStorage | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { name } = store.definition
  const changes: StateChange[] = []
  for (const record of records) {
    const { rawKey: key, rawValue: value, timestamp } = record
    if (key === null) continue
    try {
      store.restore(key, value, timestamp)
    } catch (cause) {
      throw unreadable(name, topic, record, cause)
    }
    if (storage) changes.push({ store: name, key, value: value && withTimestamp(value, timestamp) })
  }
  const last = records.at(-1)
  // The task may have been given up meanwhile, and its storage closed.
  signal.throwIfAborted()
  if (storage && last)
    await storage.write(changes, { [name]: { offset: last.offset + 1, observedTime: store.observedTime } })
}

/** Finds the missing part of the changelog, and loads the content of the storage. */
async function findRange(
  { transport, names, partition, storage }: RestorationParts,
  store: StateStore,
): Promise<Restoring> {
  const { definition } = store
  const topic = names.changelog(definition)
  const { offsets } = await describeTopic(transport, topic)
  const { earliest = 0, latest = 0 } = offsets.find((one) => one.partition === partition) ?? {}
  let checkpoint = storage?.checkpoint[definition.name]
  if (storage && checkpoint && (checkpoint.offset > latest || checkpoint.offset < earliest)) {
    // The changelog was made anew, or has lost the next records.
    await storage.clear(definition.name)
    checkpoint = undefined
  }
  if (storage && checkpoint) {
    if (store instanceof WindowStore) {
      for (const [key, stored] of storage.table(definition.name).entries()) {
        const { value, timestamp } = readTimestamped(stored)
        store.restore(key, value, timestamp)
      }
    }
    store.observedTime = Math.max(store.observedTime, checkpoint.observedTime)
  }
  const from = checkpoint?.offset ?? earliest
  return { store, topic, from, end: latest, position: from }
}

/** Nobody could make up for missing state, so this error may not be skipped. */
function unreadable(
  store: string,
  topic: string,
  { partition, offset }: KafkaRecord<unknown, unknown>,
  cause: unknown,
): KafkaError {
  const message =
    `store '${store}' cannot be restored: ${describeRecord({ topic, partition, offset })}:` +
    ` ${messageOf(cause)}. Read it with the serde that it was written with, or start once with dropState: ['${store}']`
  return new KafkaError(message, { code: 'STATE_UNREADABLE', retriable: false, outcome: 'failed', cause })
}
