import type { TopicDefinition } from '@kafkado/core'
import { type InternalNames, type Task, type Topology, topicsOf } from '@kafkado/streams/internal'

/** The topics that a topology reads. */
export class ReadTopics {
  readonly #topology: Topology
  readonly #names: InternalNames

  constructor(topology: Topology, names: InternalNames) {
    this.#topology = topology
    this.#names = names
  }

  /** The names for an error message. */
  names(): string[] {
    const sources = this.#topology.subtopologies.flatMap((part) => part.sources)
    const topics = [
      ...sources.map((source) => this.#names.topicOf(source)),
      ...this.#topology.globals.map(({ name }) => name),
    ]
    return [...new Set(topics)].map((topic) => `'${topic}'`)
  }

  /** The definition by which the topology reads a topic; undefined if it does not. */
  definitionOf(name: string): TopicDefinition<unknown, unknown> | undefined {
    const global = this.#topology.globals.find(({ topic }) => topic.name === name)
    if (global) return global.topic
    for (const { sources } of this.#topology.subtopologies) {
      for (const source of sources) {
        if (!topicsOf(source, this.#names, [name]).includes(name)) continue
        return source.kind === 'source'
          ? { ...source.topic, name }
          : { name, key: source.keySerde, value: source.valueSerde }
      }
    }
    return undefined
  }

  /** Makes a task read a topic that matches one of its patterns. */
  follow(task: Task, name: string): void {
    const { subtopology, queues } = task
    if (queues.some(({ topic }) => topic === name)) return
    if (subtopology.sources.some((source) => topicsOf(source, this.#names, [name]).includes(name)))
      task.follow([...queues.map(({ topic }) => topic), name])
  }
}
