import { isMatch } from '@kafkado/consumer/internal'
import type { CompiledTask } from '../graph/compile.ts'
import type { SourceNode } from '../graph/graph-node.ts'
import { RecordQueue } from './record-queue.ts'

type Inputs = CompiledTask extends ReadonlyMap<string, infer One> ? One : never

/** The topics that a task reads, each with its queue and what takes its records. Those that patterns match come and go. */
export class TaskInputs {
  readonly #byTopic: Map<string, Inputs>
  readonly #patterns: readonly { readonly pattern: RegExp; readonly inputs: Inputs }[]
  readonly #matched = new Set<string>()
  readonly #onSkipped: () => void
  #queues: readonly RecordQueue[]

  /** @param onSkipped called for each record that is left out because its time is not valid */
  constructor(compiled: CompiledTask, onSkipped: () => void) {
    this.#onSkipped = onSkipped
    this.#patterns = [...compiled.values()].flatMap((inputs) => {
      const pattern = patternOf(inputs)
      return pattern ? [{ pattern, inputs }] : []
    })
    this.#byTopic = new Map([...compiled].filter(([, inputs]) => !patternOf(inputs)))
    this.#queues = [...this.#byTopic].map(([topic, inputs]) => this.#queueFor(topic, inputs))
  }

  get queues(): readonly RecordQueue[] {
    return this.#queues
  }

  of(topic: string): Inputs | undefined {
    return this.#byTopic.get(topic)
  }

  queueOf(topic: string): RecordQueue | undefined {
    return this.#queues.find((one) => one.topic === topic)
  }

  /** Whether a topic is read because a pattern matches it. */
  isMatched(topic: string): boolean {
    return this.#matched.has(topic)
  }

  /** Reads these of the topics that patterns match, and no others. What waits of a topic that is gone is left out. */
  follow(topics: readonly string[]): void {
    if (this.#patterns.length === 0) return
    const left = new Set(topics)
    for (const topic of [...this.#matched].filter((one) => !left.has(one))) {
      this.#matched.delete(topic)
      this.#byTopic.delete(topic)
      this.#queues = this.#queues.filter((queue) => queue.topic !== topic)
    }
    for (const topic of topics) {
      const found = this.#byTopic.has(topic) ? undefined : this.#patterns.find(({ pattern }) => isMatch(pattern, topic))
      if (!found) continue
      this.#matched.add(topic)
      this.#byTopic.set(topic, found.inputs)
      this.#queues = [...this.#queues, this.#queueFor(topic, found.inputs)]
    }
  }

  #queueFor(topic: string, [first]: Inputs): RecordQueue {
    const source = first?.source
    return source?.kind === 'source'
      ? new RecordQueue(topic, source.timestampOf, source.invalidTimestamp, this.#onSkipped)
      : new RecordQueue(topic, undefined, 'fail', this.#onSkipped)
  }
}

function patternOf([first]: Inputs): RegExp | undefined {
  return (first?.source as SourceNode | undefined)?.pattern
}
