import { StorageError } from '@kafkado/core'
import { showValue } from '@kafkado/core/internal'
import type { MetadataKind, MetadataKinds, MetadataRecord } from '../storage/metadata-record.ts'
import type { Storage } from '../storage/storage.ts'
import { damaged } from './damaged.ts'

type Check = (value: unknown) => boolean

const text: Check = (value) => typeof value === 'string'
const number: Check = (value) => Number.isFinite(value)
const boolean: Check = (value) => typeof value === 'boolean'
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)
const tuple =
  (...checks: readonly Check[]): Check =>
  (value) =>
    Array.isArray(value) && value.length === checks.length && checks.every((check, index) => check(value[index]))
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const fields =
  <T extends object>(checks: { readonly [Name in keyof T]-?: Check }): Check =>
  (value) =>
    isObject(value) && Object.entries<Check>(checks).every(([name, check]) => check(value[name]))
const mapOf =
  (check: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value).every(check)
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string)

type Value<Kind extends MetadataKind> = MetadataKinds[Kind]['value']

const offset = fields<Value<'offset'>>({
  committedOffset: number,
  committedLeaderEpoch: number,
  metadata: orNull(text),
  commitTimestampMs: number,
  order: number,
})
const owned = listOf(tuple(number, number))
const member = tuple(text, text)

/** The form of path and value of each kind, as in metadata-record.ts. */
const forms: { readonly [Kind in MetadataKind]: { readonly path: Check; readonly value: Check } } = {
  engine: { path: tuple(text), value: fields<Value<'engine'>>({ clusterId: text, nextLogId: number }) },
  producerIds: { path: tuple(), value: fields<Value<'producerIds'>>({ next: number }) },
  producerOwner: { path: tuple(number), value: fields<Value<'producerOwner'>>({ owner: text, count: number }) },
  topic: {
    path: tuple(text),
    value: fields<Value<'topic'>>({ name: text, logIds: listOf(number), configs: mapOf(text) }),
  },
  log: { path: tuple(number), value: fields<Value<'log'>>({ logStartOffset: number, startPosition: number }) },
  trim: { path: tuple(number), value: fields<Value<'trim'>>({ beforeOffset: orNull(number) }) },
  producer: {
    path: tuple(number, number),
    value: fields<Value<'producer'>>({
      epoch: number,
      lastAppendMs: number,
      batches: listOf(tuple(number, number, number, number, number)),
      transactionStartOffset: orNull(number),
    }),
  },
  aborted: {
    path: tuple(number, number),
    value: fields<Value<'aborted'>>({ producerId: number, firstOffset: number }),
  },
  cleaner: {
    path: tuple(number),
    value: fields<Value<'cleaner'>>({
      cleanedOffset: number,
      rewritten: fields<Value<'cleaner'>['rewritten']>({ baseOffset: number, position: number, bytes: number }),
      passes: listOf(tuple(number, number)),
    }),
  },
  transaction: {
    path: tuple(text),
    value: fields<Value<'transaction'>>({
      producerId: number,
      producerEpoch: number,
      timeoutMs: number,
      state: oneOf('Empty', 'Ongoing', 'CompleteCommit', 'CompleteAbort'),
      logIds: listOf(number),
      groupIds: listOf(text),
      startMs: number,
      lastUpdateMs: number,
      previous: orNull(tuple(number, number)),
      endedByClient: boolean,
    }),
  },
  group: {
    path: tuple(text),
    value: fields<Value<'group'>>({
      groupEpoch: number,
      assignmentEpoch: number,
      assignorName: text,
      metadataHash: number,
      changedTimestampMs: number,
    }),
  },
  member: {
    path: member,
    value: fields<Value<'member'>>({
      instanceId: orNull(text),
      rackId: orNull(text),
      rebalanceTimeoutMs: number,
      subscribedTopicNames: listOf(text),
      subscribedTopicRegex: orNull(text),
      serverAssignor: orNull(oneOf('uniform', 'range')),
    }),
  },
  target: { path: member, value: fields<Value<'target'>>({ partitions: listOf(number) }) },
  current: {
    path: member,
    value: fields<Value<'current'>>({
      memberEpoch: number,
      previousMemberEpoch: number,
      state: oneOf('STABLE', 'UNREVOKED_PARTITIONS', 'UNRELEASED_PARTITIONS'),
      assigned: owned,
      pendingRevocation: owned,
    }),
  },
  offset: { path: tuple(text, text, number), value: offset },
  pendingOffset: { path: tuple(text, text, number, number), value: offset },
}

/**
 * Reads all records of a kind at the engine's start. The storages have no checksums over them, so their form is checked
 * here.
 *
 * @throws StorageError that names the damaged record
 */
export function readMetadata<Kind extends MetadataKind>(storage: Storage, kind: Kind): MetadataRecord<Kind>[] {
  let records: MetadataRecord<Kind>[]
  try {
    records = storage.readMetadata(kind)
  } catch (cause) {
    if (StorageError.is(cause)) throw cause
    throw damaged(`a record of kind '${kind}' is damaged: ${String(cause)}`, cause)
  }
  const form = forms[kind]
  for (const { path, value } of records) {
    if (form.path(path) && (value === null || form.value(value))) continue
    throw damaged(`the record of kind '${kind}' at ${showValue(path)} is damaged: it holds ${showValue(value)}`)
  }
  return records
}
