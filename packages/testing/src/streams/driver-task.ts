import type { Clock, TopicDefinition } from '@kafkado/core'
import { topicDefinitionOf } from '@kafkado/core/internal'
import type { ErrorKind, StreamsOptions } from '@kafkado/streams'
import {
  type CacheBudget,
  deadLetterOf,
  encodeKey,
  encodeValue,
  ErrorHandling,
  errorSettings,
  leavingOut,
  type InternalNames,
  type StateStore,
  type Subtopology,
  Task,
} from '@kafkado/streams/internal'
import type { RecordContent } from './topic-log.ts'
import type { TraceStep } from './trace.ts'

type AnyTopic = TopicDefinition<unknown, unknown>

/** How a driver handles failures, and writes their records. */
export interface DriverErrorParts {
  readonly options: Pick<StreamsOptions, 'onError' | 'deadLetterTopic'>
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  /** Writes a record to a topic that can be read. */
  readonly write: (definition: AnyTopic, content: RecordContent) => void
  /** The definition by which the topology reads a topic. */
  readonly definitionOf: (topic: string) => AnyTopic | undefined
}

export interface DriverTaskParts extends DriverErrorParts {
  readonly subtopology: Subtopology
  readonly names: InternalNames
  readonly stores: ReadonlyMap<string, StateStore>
  readonly cache: CacheBudget | undefined
  readonly trace: TraceStep[]
}

/** A task whose results are written at once, and whose errors are handled as in an application. */
export function driverTask(parts: DriverTaskParts): Task {
  const { subtopology, names, stores, clock, cache, trace, write } = parts
  const task: Task = new Task({
    subtopology,
    partition: 0,
    names,
    stores,
    clock,
    cache,
    ...leavingOut(errorSettings(parts.options.onError, parts.options.deadLetterTopic)),
    // A change that cannot be written fails with its record, and not at a commit that a test may never ask for.
    triesValues: true,
    send: (sink, key, value, timestamp, record, _isUnchanged, given, options) => {
      const { id, operator } = task
      // There is only partition 0, but a wrong choice is still reported.
      const chosen = options?.partition?.(1)
      if (Array.isArray(chosen) && chosen.length === 0) return
      let content: RecordContent
      try {
        const headers = given ?? record?.rawHeaders ?? []
        content = { key: encodeKey(sink, key), value: encodeValue(sink, value), timestamp, headers }
      } catch (cause) {
        errors.handle({ kind: 'production', cause, task: id, operator, record, output: sink.name })
        return
      }
      trace.push({ what: 'out', topic: sink.name, key, value, timestamp, task: id })
      write(sink, content)
    },
    onError: (kind, cause, record) => {
      const { id, operator } = task
      errors.handle({ kind, cause, task: id, operator, record })
    },
  })
  const errors = driverErrors(parts, (kind) => task.countFailed(kind))
  return task
}

/** Handles errors by the driver's options. A dead letter is read with the definition of its original topic. */
export function driverErrors(
  { options: { onError, deadLetterTopic }, clock, write, definitionOf }: DriverErrorParts,
  count: (kind: ErrorKind) => void,
): ErrorHandling {
  return new ErrorHandling(errorSettings(onError, deadLetterTopic), {
    count,
    putAside: (name, record, error) => {
      const { key, value, timestamp, headers } = deadLetterOf(name, record, error, clock.now())
      const origin = (record && definitionOf(record.topic)) ?? (topicDefinitionOf(name) as AnyTopic)
      write({ ...origin, name }, { key, value, timestamp, headers: headers as RecordContent['headers'] })
    },
  })
}
