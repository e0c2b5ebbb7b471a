import { InvalidRequestError, type TopicLike, type TopicPattern, type TopicSelection } from '@kafkado/core'
import { isMatch, isPattern, type ReadTopic, readTopicOf } from '@kafkado/core/internal'

/** All topics with matching names, and how to decode their records. */
interface ReadPattern<V, K> {
  readonly pattern: RegExp
  define(topic: string): ReadTopic<V, K>
}

/** The topics of a consumer, and how to decode their records. */
export class TopicSubscription<V, K> {
  readonly #named: ReadonlyMap<string, ReadTopic<V, K>>
  readonly #patterns: readonly ReadPattern<V, K>[]
  readonly #matched = new Map<string, ReadTopic<V, K>>()

  /** @throws InvalidRequestError when there is no topic, or a name is not valid */
  constructor(selections: readonly TopicSelection<V, K>[]) {
    if (selections.length === 0) throw new InvalidRequestError('a consumer needs at least one topic')
    this.#patterns = selections.filter((selection) => isPattern(selection)).map((selection) => readPatternOf(selection))
    const definitions = selections
      .filter((selection): selection is TopicLike<V, K> => !isPattern(selection))
      .map((topic) => readTopicOf(topic))
    this.#named = new Map(definitions.map((definition) => [definition.name, definition]))
  }

  /** The topics given by name. */
  get names(): readonly string[] {
    return [...this.#named.keys()]
  }

  get hasPatterns(): boolean {
    return this.#patterns.length > 0
  }

  /** All patterns as one expression over whole names, in the form that groups use; null without patterns. */
  get regex(): string | null {
    if (this.#patterns.length === 0) return null
    return this.#patterns
      .map(({ pattern: { source, flags } }) => `${flags.includes('i') ? '(?i)' : ''}.*(?:${source}).*`)
      .join('|')
  }

  /** Whether the topic belongs to the subscription. */
  includes(topic: string): boolean {
    return this.#named.has(topic) || this.#patternOf(topic) !== undefined
  }

  definitionOf(topic: string): ReadTopic<V, K> {
    const known = this.#named.get(topic) ?? this.#matched.get(topic)
    if (known) return known
    // The server's matching decides: a name that only the server considers a match is decoded by the first pattern.
    const pattern = this.#patternOf(topic) ?? this.#patterns[0]
    const definition = pattern?.define(topic) ?? readTopicOf<V, K>(topic)
    this.#matched.set(topic, definition)
    return definition
  }

  #patternOf(topic: string): ReadPattern<V, K> | undefined {
    return this.#patterns.find(({ pattern }) => isMatch(pattern, topic))
  }
}

/** A bare RegExp reads JSON. */
function readPatternOf<V, K>(selection: RegExp | TopicPattern<V, K>): ReadPattern<V, K> {
  return selection instanceof RegExp ? { pattern: selection, define: (topic) => readTopicOf(topic) } : selection
}
