import { isMatch } from '@kafkado/core/internal'
import { InvalidRequestError, type KafkaRecord } from '@kafkado/core'
import type { CompiledTask } from '../graph/compile.ts'
import type { NodeContext } from '../processors/processor.ts'
import { RecordQueue } from './record-queue.ts'
import { SourceReadings } from './source-readings.ts'

type AnyRecord = KafkaRecord<unknown, unknown>
type Inputs = CompiledTask extends ReadonlyMap<string, infer One> ? One : never

/** The waiting records of a topic, and the operators that take them. */
export interface TaskInput {
  readonly queue: RecordQueue
  readonly inputs: Inputs
  /** The records as each of the inputs reads them, if the topic is read in several ways. */
  readonly readings: SourceReadings | undefined
}

/** The task with the topics. */
type InputsOwner = Pick<NodeContext, 'drop'> & { readonly id: string }

/** The topics that a task reads. Topics that match patterns may appear and go. */
export class TaskInputs {
  readonly #byTopic: Map<string, TaskInput>
  readonly #patterns: readonly { readonly pattern: RegExp; readonly inputs: Inputs }[]
  readonly #matched = new Set<string>()
  readonly #task: InputsOwner
  /** Called with each record skipped for its time. */
  readonly #onSkipped = (): void => this.#task.drop('invalid-timestamp')
  #queues: readonly RecordQueue[]

  constructor(compiled: CompiledTask, task: InputsOwner) {
    this.#task = task
    this.#patterns = [...compiled.values()].flatMap((inputs) => {
      const pattern = patternOf(inputs)
      return pattern ? [{ pattern, inputs }] : []
    })
    const named = [...compiled].filter(([, inputs]) => !patternOf(inputs))
    this.#byTopic = new Map(named.map(([topic, inputs]) => [topic, this.#inputOf(topic, inputs)]))
    this.#queues = this.#allQueues()
  }

  get queues(): readonly RecordQueue[] {
    return this.#queues
  }

  of(topic: string): TaskInput | undefined {
    return this.#byTopic.get(topic)
  }

  /** @throws InvalidRequestError when the topic is not read */
  queueOf(topic: string): RecordQueue {
    const input = this.#byTopic.get(topic)
    if (input) return input.queue
    throw new InvalidRequestError(`task ${this.#task.id} does not read topic '${topic}'`)
  }

  /**
   * Whether a value is the record's own, so that its bytes can be reused. Unknown for a topic that is read in several
   * ways: the record itself knows only one of them.
   */
  isAsRead(record: AnyRecord, value: unknown): boolean {
    return this.#byTopic.get(record.topic)?.readings === undefined && value === record.value
  }

  /** Whether a topic is read by a pattern. */
  isMatched(topic: string): boolean {
    return this.#matched.has(topic)
  }

  /** Reads exactly these of the topics that match patterns. Waiting records of a deleted topic are dropped. */
  follow(topics: readonly string[]): void {
    if (this.#patterns.length === 0) return
    const left = new Set(topics)
    for (const topic of [...this.#matched].filter((one) => !left.has(one))) {
      this.#matched.delete(topic)
      this.#byTopic.delete(topic)
    }
    for (const topic of topics) {
      const found = this.#byTopic.has(topic) ? undefined : this.#patterns.find(({ pattern }) => isMatch(pattern, topic))
      if (!found) continue
      this.#matched.add(topic)
      this.#byTopic.set(topic, this.#inputOf(topic, found.inputs))
    }
    this.#queues = this.#allQueues()
  }

  #allQueues(): readonly RecordQueue[] {
    return Array.from(this.#byTopic.values(), ({ queue }) => queue)
  }

  #inputOf(topic: string, inputs: Inputs): TaskInput {
    const sources = inputs.map(({ source }) => source).filter((source) => source.kind === 'source')
    const [first, second] = sources
    if (second) {
      const readings = new SourceReadings(sources)
      const timeOf = (record: AnyRecord): number => readings.timeOf(record)
      return { queue: new RecordQueue(topic, timeOf, 'fail', this.#onSkipped), inputs, readings }
    }
    const timestampOf = first?.timestampOf
    const timeOf = timestampOf && ((record: AnyRecord) => timestampOf(record.value, record.key, record))
    const queue = new RecordQueue(topic, timeOf, first?.invalidTimestamp ?? 'fail', this.#onSkipped)
    return { queue, inputs, readings: undefined }
  }
}

function patternOf([first]: Inputs): RegExp | undefined {
  const source = first?.source
  return source?.kind === 'source' ? source.pattern : undefined
}
