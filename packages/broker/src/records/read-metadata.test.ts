import { StorageError } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { MemoryStorage } from '../storage/memory-storage.ts'
import type { MetadataKind, MetadataKinds } from '../storage/metadata-record.ts'
import { readMetadata } from './read-metadata.ts'

const offset = { committedOffset: 5, committedLeaderEpoch: 0, metadata: null, commitTimestampMs: 1, order: 2 }
const sound: { readonly [Kind in MetadataKind]: Pick<MetadataKinds[Kind], 'path' | 'value'> } = {
  engine: { path: ['identity'], value: { clusterId: 'c', nextLogId: 3 } },
  producerIds: { path: [], value: { next: 5 } },
  producerOwner: { path: [1000], value: { owner: 'k', count: 1000 } },
  topic: { path: ['id'], value: { name: 't', logIds: [1, 2], configs: { 'retention.ms': '5' } } },
  log: { path: [1], value: { logStartOffset: 0, startPosition: 0 } },
  trim: { path: [1], value: { beforeOffset: null } },
  producer: {
    path: [1, 7],
    value: { epoch: 0, lastAppendMs: 1, batches: [[0, 1, 0, 1, 5]], transactionStartOffset: null },
  },
  aborted: { path: [1, 9], value: { producerId: 7, firstOffset: 3 } },
  cleaner: {
    path: [1],
    value: { cleanedOffset: 1, rewritten: { baseOffset: 1, position: 3, bytes: 2 }, passes: [[1, 2]] },
  },
  transaction: {
    path: ['tx'],
    value: {
      producerId: 7,
      producerEpoch: 0,
      timeoutMs: 1000,
      state: 'Ongoing',
      logIds: [1],
      groupIds: ['g'],
      startMs: 1,
      lastUpdateMs: 1,
      previous: [7, 0],
      endedByClient: false,
    },
  },
  group: {
    path: ['g'],
    value: {
      groupEpoch: 1,
      assignmentEpoch: 1,
      assignorName: 'uniform',
      metadataHash: 5,
      changedTimestampMs: 1,
    },
  },
  member: {
    path: ['g', 'm'],
    value: {
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: 1000,
      subscribedTopicNames: ['t'],
      subscribedTopicRegex: null,
      serverAssignor: 'range',
    },
  },
  target: { path: ['g', 'm'], value: { partitions: [1] } },
  current: {
    path: ['g', 'm'],
    value: { memberEpoch: 1, previousMemberEpoch: 0, state: 'STABLE', assigned: [[1, 1]], pendingRevocation: [] },
  },
  offset: { path: ['g', 't', 0], value: offset },
  pendingOffset: { path: ['g', 't', 0, 7], value: offset },
}
const kinds = Object.keys(sound) as MetadataKind[]

function stored(kind: MetadataKind, path: unknown, value: unknown): MemoryStorage {
  const storage = new MemoryStorage()
  storage.readMetadata = () => [{ kind, path, value }] as never
  return storage
}

describe.each(kinds)('a stored record of kind %s', (kind) => {
  const { path, value } = sound[kind] as { path: readonly unknown[]; value: Record<string, unknown> }

  it('is read as it was kept', () => {
    expect(readMetadata(stored(kind, path, value), kind)).toEqual([{ kind, path, value }])
  })

  it('is refused by name when a part of its path or any field is missing or something else', () => {
    for (const name of Object.keys(value))
      for (const wrong of [undefined, { a: 1 }, [[{}]], () => 5])
        expect(() => readMetadata(stored(kind, path, { ...value, [name]: wrong }), kind), name).toThrow(StorageError)
    for (const wrong of [[...path, {}], 5, {}])
      expect(() => readMetadata(stored(kind, wrong, value), kind)).toThrow(`of kind '${kind}' at`)
  })
})

it('which cannot be read at all is refused by its kind', () => {
  const storage = new MemoryStorage()
  storage.readMetadata = () => JSON.parse('{')
  expect(() => readMetadata(storage, 'topic')).toThrow("a record of kind 'topic' is damaged: SyntaxError")
})
