import { requireTopicName } from '@kafkado/core/internal'
import type { StoreDefinition } from '../state/store-definition.ts'
import type { RepartitionNode, SourceNode } from './graph-node.ts'

/** The names of an application's own topics, in the form of Kafka Streams. */
export class InternalNames {
  readonly #application: string

  constructor(application: string) {
    this.#application = application
  }

  repartition({ topicSuffix }: Pick<RepartitionNode, 'topicSuffix'>): string {
    return this.#checked(`${this.#application}-${topicSuffix}-repartition`)
  }

  changelog({ name }: Pick<StoreDefinition, 'name'>): string {
    return this.#checked(`${this.#application}-${name}-changelog`)
  }

  /**
   * The topic whose partitions share out the tasks of a subtopology that reads a pattern; undefined without a pattern.
   */
  tasks({ tasksSuffix }: { readonly tasksSuffix: string | undefined }): string | undefined {
    return tasksSuffix === undefined ? undefined : this.repartition({ topicSuffix: tasksSuffix })
  }

  /** Whether a topic is, by its name, an internal one of the application. */
  isInternal(topic: string): boolean {
    return topic.startsWith(`${this.#application}-`) && /-(changelog|repartition)$/.test(topic)
  }

  /** The name of its topic, or the source of its pattern. */
  topicOf(source: SourceNode | RepartitionNode): string {
    return source.kind === 'source' ? source.topic.name : this.repartition(source)
  }

  #checked(name: string): string {
    requireTopicName(name)
    return name
  }
}
