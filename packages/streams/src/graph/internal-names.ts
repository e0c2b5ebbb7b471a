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
   * The topic by whose partitions members share the tasks of a subtopology that reads a pattern; undefined where it
   * reads none.
   */
  tasks({ tasksSuffix }: { readonly tasksSuffix: string | undefined }): string | undefined {
    return tasksSuffix === undefined ? undefined : this.repartition({ topicSuffix: tasksSuffix })
  }

  /** Whether a topic is, by its name, one that the application has made. */
  isInternal(topic: string): boolean {
    return topic.startsWith(`${this.#application}-`) && /-(changelog|repartition)$/.test(topic)
  }

  /** The name of its topic, or the text of its pattern. */
  topicOf(source: SourceNode | RepartitionNode): string {
    return source.kind === 'source' ? source.topic.name : this.repartition(source)
  }

  #checked(name: string): string {
    requireTopicName(name)
    return name
  }
}
