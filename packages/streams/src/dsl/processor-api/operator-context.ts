import { type Duration, InvalidRequestError } from '@kafkado/core'
import { requireInteger, toMilliseconds } from '@kafkado/core/internal'
import type { NodeContext, Punctuation, PunctuationType, RecordContext } from '../../processors/processor.ts'
import type { StoreDefinition, StoreKind } from '../../state/store-definition.ts'
import {
  keyValueFace,
  type ProcessorSessionStore,
  type ProcessorStore,
  type ProcessorWindowStore,
  sessionFace,
  windowFace,
} from './processor-stores.ts'
import type { AskedStores } from './store-options.ts'

/** What user code may do and know in any operator. Kafka: ProcessingContext. */
export interface OperatorContext {
  /**
   * One of the stores by key named in its options. The store of a table, or a global table, can only be read. Kafka:
   * getStateStore.
   */
  store<SK = string, SV = unknown>(name: string): ProcessorStore<SK, SV>
  /** One of the stores by key and window named in its options. Kafka: getStateStore. */
  windowStore<SK = string, SV = unknown>(name: string): ProcessorWindowStore<SK, SV>
  /** One of the stores by key and session named in its options. Kafka: getStateStore. */
  sessionStore<SK = string, SV = unknown>(name: string): ProcessorSessionStore<SK, SV>
  /**
   * Calls back at an interval of at least 1 ms: in stream time, at multiples of the interval; or by the clock. Kafka:
   * ProcessorContext.schedule.
   */
  schedule(interval: Duration, type: PunctuationType, act: (time: number) => void): Punctuation
  /**
   * The current record. In a callback of `schedule` it has only a timestamp, which is the one of the call. Kafka:
   * recordMetadata.
   */
  readonly record: RecordContext
  /** The greatest timestamp that the task has processed. Kafka: currentStreamTimeMs. */
  readonly streamTime: number
  /**
   * The time of day, in milliseconds since the epoch. Use it instead of `Date.now()`, so that a test can set it. Kafka:
   * currentSystemTimeMs.
   */
  readonly systemTime: number
  readonly partition: number
  /** `subtopology_partition`, as Kafka Streams names its tasks. */
  readonly taskId: string
}

interface Operator {
  readonly operator: string
  readonly name: string
  readonly stores: AskedStores
}

/** The task's services for user code. */
export function operatorContext(context: NodeContext, { operator, name, stores }: Operator): OperatorContext {
  const asked = (wanted: string, kind: StoreKind): StoreDefinition => {
    const definition = stores.byName.get(wanted)
    if (!definition) throw new InvalidRequestError(`${operator}: there is no store '${wanted}'; name it in { stores }`)
    if (definition.kind === kind) return definition
    throw new InvalidRequestError(
      `${operator}: '${wanted}' is a ${definition.kind} store; ` +
        `ask for it with ${getters[definition.kind]}('${wanted}')`,
    )
  }
  /** A store as its owner has it, or for reading alone. */
  const opened = <Face extends Writable>(definition: StoreDefinition, wanted: string, face: Face): Face => {
    const why = stores.readOnly.get(definition)
    return why === undefined ? face : readOnly(face, `${operator}: '${wanted}' is ${why}`)
  }
  return {
    store<SK, SV>(wanted: string) {
      const definition = asked(wanted, 'key-value')
      return opened(definition, wanted, keyValueFace(context.keyValueStore<SK, SV>(definition.name), context))
    },
    windowStore<SK, SV>(wanted: string) {
      const definition = asked(wanted, 'window')
      return opened(definition, wanted, windowFace(context.windowStore<SK, SV>(definition.name), context))
    },
    sessionStore<SK, SV>(wanted: string) {
      const definition = asked(wanted, 'session')
      return opened(definition, wanted, sessionFace(context.windowStore<SK, SV>(definition.name), context))
    },
    schedule: (interval, type, act) =>
      context.schedule(
        type,
        requireInteger(toMilliseconds(interval, 'interval'), `${operator}: interval`, 1),
        (time) => {
          context.operator = name
          act(time)
        },
      ),
    record: context.current,
    get streamTime() {
      return context.streamTime
    },
    get systemTime() {
      return context.systemTime
    },
    partition: context.partition,
    taskId: context.id,
  }
}

const getters: Readonly<Record<StoreKind, string>> = {
  'key-value': 'store',
  window: 'windowStore',
  session: 'sessionStore',
  // No processor uses such a store.
  join: 'store',
}

interface Writable {
  put: unknown
  delete: unknown
}

/**
 * Every member has its own copy of a global table, so a write to one would be missing from the others. And the
 * operators behind a table would not hear of a write beside the table's own operator.
 */
function readOnly<Face extends Writable>(store: Face, why: string): Face {
  const refuse = (): never => {
    throw new InvalidRequestError(why)
  }
  return { ...store, put: refuse, delete: refuse }
}
