/** Names for the sibling packages. Not part of the public interface: they may change in any release. */
export {
  isTimestamp,
  refusedArgument,
  requireInteger,
  requireText,
  requireTimestamp,
  timestampExpected,
} from './config/arguments.ts'
export {
  anyField,
  booleanField,
  choiceField,
  type ConfigField,
  durationField,
  field,
  functionField,
  integerField,
  isObject,
  isPlainObject,
  numberField,
  optionsField,
  objectWith,
  required,
  runtimeField,
  textField,
} from './config/config-fields.ts'
export { isDuration, toMilliseconds } from './config/duration.ts'
export { type ConfigFields, parseConfig } from './config/parse-config.ts'
export { hasUnknownOutcome } from './errors/kafka-error.ts'
export { copyByFields, errorOfAttempts, withOutcome } from './errors/with-outcome.ts'
export { isDate, showTyped, showValue } from './config/show-value.ts'
export { unknownOption } from './config/unknown-option.ts'
export { errorOfCode, type ErrorSubject } from './errors/error-of-code.ts'
export { errorOfProblem, type Problem, problemContentType } from './http/problem.ts'
export { messageOf } from './errors/message-of.ts'
export { shortened } from './errors/shortened.ts'
export { errorOfThrown, type ThrownMessage, thrownMessageOf } from './errors/thrown-message.ts'
export { isUnknownTopic } from './errors/unknown-topic.ts'
export { neededOperations, neededResources } from './protocol/needs.ts'
export { allOperations, schemasOf } from './protocol/operation-schemas.ts'
export { checkRequest, parseRequest, parseResponse } from './requests/checking/request-check.ts'
export { uuidPattern } from './schema/predicate.ts'
export type { Schema } from './schema/schema.ts'
export { countOf } from './requests/splitting/request-limits.ts'
export { compressionTypes } from './batch/compression/compression.ts'
export { concatenate } from './batch/format/concatenate.ts'
export { buildControlBatch, controlRecordType, type ControlRecordType } from './batch/control-record.ts'
export { crc32c } from './batch/format/checksum.ts'
export { readInt64, writeInt64 } from './batch/format/int64.ts'
export { makeRecordsComplete, type RecordSource, sourceOf } from './record/kafka-record.ts'
export { murmur2, partitionOfKey } from './record/murmur2.ts'
export { oneRecordBatch } from './batch/one-record-batch.ts'
export { RecordBatchBuilder, type RecordBatchOptions } from './batch/record-batch-builder.ts'
export { filterRecordBatch, type RecordPredicate } from './batch/record-batch-filter.ts'
export {
  assignAppendTime,
  assignMaxTimestamp,
  assignOffset,
  assignSequence,
  batchOverheadBytes,
  producibleAttributes,
  recordBatchFieldsAt,
  recordBatchHeaderBytes,
  writeRecordBatchHeader,
} from './batch/format/record-batch-header.ts'
export {
  endOffsetOf,
  producerIdOf,
  readRecordBatchHeader,
  type RecordBatchHeader,
  recordBatchSize,
  soundRecordBatches,
  verifyChecksum,
} from './batch/format/read-record-batch-header.ts'
export {
  encodeText,
  type Header,
  headerList,
  headersAsText,
  isBytes,
  requireAttached,
  type RecordContent,
} from './batch/format/record-content.ts'
export {
  defaultMaxDecompressedBytes,
  recordBatchesIn,
  type UnpackedRecordBatch,
  unpackRecordBatch,
} from './batch/record-batch-reader.ts'
export { splitRecordBatch } from './batch/split-record-batch.ts'
export { readRecords, type RecordVisitor, RecordWalk } from './batch/record-walk.ts'
export { readHeaders } from './batch/read-headers.ts'

export { copyBytes } from './batch/copy-bytes.ts'
export { sequenceAfter } from './batch/sequence.ts'
export { plainRecords, type RecordFacts } from './batch/plain-records.ts'
export { RecordCheck } from './batch/record-check.ts'
export { readKafkaRecords } from './record/read-kafka-records.ts'
export { UnreadRecords } from './record/unread-records.ts'
export { TransactionScope } from './record/transaction-scope.ts'
export { UncompressedTooLong } from './batch/compression/uncompressed-too-long.ts'
export { AdjustableClock } from './runtime/adjustable-clock.ts'
export { type DiagnosticChannel, diagnosticChannel } from './runtime/diagnostics.ts'
export { EventListeners } from './runtime/event-listeners.ts'
export { yieldToEventLoop } from './runtime/event-loop.ts'
export { bounded, followingAll } from './runtime/bounded.ts'
export { LongLivedAbortController } from './runtime/long-lived-abort-controller.ts'
export { queueMicrotask } from './runtime/platform-timers.ts'
export { orAborted } from './runtime/or-aborted.ts'
export { settledWithin } from './runtime/settled-within.ts'
export { SingleFlight } from './runtime/single-flight.ts'
export { sleep } from './runtime/clock.ts'
export { tabMemory, watchPage } from './runtime/page.ts'
export { ManualClock } from './runtime/manual-clock.ts'
export { answersOf, byTopic, type IdentifiedPartition } from './requests/by-topic.ts'
export { commitOffsets, commitOffsetsInTransaction } from './requests/commit-offsets.ts'
export { allCommittedOffsets, type CommittedOffset, committedOffsets } from './requests/committed-offsets.ts'
export { lookUpTopics, type TopicLookUp } from './requests/look-up-topics.ts'
export { offsetsAt } from './requests/offsets-at.ts'
export { type AnswerOr, type OffsetAnswer, refusalOf } from './requests/partition-refusal.ts'
export {
  backoffOf,
  commitAttempts,
  patienceOfBrokers,
  patienceOfRequests,
  patienceOfRestarts,
} from './retry/patience.ts'
export { allTopics, presentTopics, refusalOfTopic, type TopicMetadata } from './requests/present-topics.ts'
export { loadPart } from './retry/load-part.ts'
export { retrying } from './retry/retrying.ts'
export { isSameTopic, partitionKey } from './requests/topic-partition.ts'
export { type AnswerLimits, type AttemptLimits, untilAnswered } from './retry/until-answered.ts'
export { decodeBase64Url, encodeBase64Url } from './serialization/base64-url.ts'
export { isTextSerde, serializeField } from './serialization/serde.ts'
export { validate } from './serialization/schema-serde.ts'
export { isMatch, isPattern, patternOf } from './serialization/topic-pattern.ts'
export { type ReadTopic, readTopicOf, requireTopicName, topicDefinitionOf } from './serialization/topic-definition.ts'
export { httpConfig } from './http/http-config.ts'
export { batchesContentType, decodeFrame, encodeFrame } from './http/http-frames.ts'
export { isTransport } from './transport/transport.ts'
