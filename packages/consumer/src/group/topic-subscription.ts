import { defineTopic, InvalidRequestError, type SerdeLike, type TopicDefinition, type TopicLike } from '@kafkado/core'
import { isMatch, isPattern, patternOf, topicDefinitionOf } from '@kafkado/core/internal'

/**
 * All topics whose names match, also those that are made later. Made by {@link topicsMatching} or
 * {@link topicsWithPrefix}.
 */
export interface TopicPattern<V, K = string> {
  readonly pattern: RegExp
  /** The definition of a topic with that name. */
  define(topic: string): TopicDefinition<V, K>
}

/** What a consumer may read: topics by name or definition, and patterns of names. A bare expression reads JSON. */
export type TopicSelection<V, K = string> = TopicLike<V, K> | RegExp | TopicPattern<V, K>

/**
 * Selects the topics whose names match an expression. In a group the server matches, by RE2: it has no look-around and
 * no back-references (Kafka: SubscriptionPattern, KIP-848).
 *
 * @param types the types of all of them, as {@link defineTopic} takes them
 */
// oxlint-disable-next-line typescript/no-explicit-any -- a bound of unknown would refuse every serde, whose parameter is contravariant
export function topicsMatching<Value extends SerdeLike<any> = 'json', Key extends SerdeLike<any> = 'string'>(
  pattern: RegExp,
  types: { value?: Value; key?: Key } = {},
): TopicPattern<ValueOf<Value, Key>, KeyOf<Value, Key>> {
  return { pattern, define: (topic) => defineTopic<Value, Key>(topic, types) }
}

/** Selects the topics whose names begin with a text. */
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export function topicsWithPrefix<Value extends SerdeLike<any> = 'json', Key extends SerdeLike<any> = 'string'>(
  prefix: string,
  types: { value?: Value; key?: Key } = {},
): TopicPattern<ValueOf<Value, Key>, KeyOf<Value, Key>> {
  if (!/^[A-Za-z0-9._-]+$/.test(prefix))
    throw new InvalidRequestError(
      `${JSON.stringify(prefix)} begins no topic name: use the characters A-Z a-z 0-9 . _ - that names are made of`,
    )
  return topicsMatching(new RegExp(`^${prefix.replaceAll('.', String.raw`\.`)}`), types)
}

// oxlint-disable-next-line typescript/no-explicit-any -- as above
type ValueOf<Value extends SerdeLike<any>, Key extends SerdeLike<any>> =
  ReturnType<typeof defineTopic<Value, Key>> extends TopicDefinition<infer V, infer _> ? V : never
// oxlint-disable-next-line typescript/no-explicit-any -- as above
type KeyOf<Value extends SerdeLike<any>, Key extends SerdeLike<any>> =
  ReturnType<typeof defineTopic<Value, Key>> extends TopicDefinition<infer _, infer K> ? K : never

/** Which topics a consumer reads, and how their records are decoded. */
export class TopicSubscription<V, K> {
  readonly #named: ReadonlyMap<string, TopicDefinition<V, K>>
  readonly #patterns: readonly TopicPattern<V, K>[]
  readonly #matched = new Map<string, TopicDefinition<V, K>>()

  /** @throws InvalidRequestError when there is none, or a name is not valid */
  constructor(selections: readonly TopicSelection<V, K>[]) {
    if (selections.length === 0) throw new InvalidRequestError('a consumer needs at least one topic')
    this.#patterns = selections.filter((selection) => isPattern(selection)).map((selection) => patternOf(selection))
    const definitions = selections
      .filter((selection): selection is TopicLike<V, K> => !isPattern(selection))
      .map((topic) => topicDefinitionOf(topic))
    this.#named = new Map(definitions.map((definition) => [definition.name, definition]))
  }

  /** The topics that are named. */
  get names(): readonly string[] {
    return [...this.#named.keys()]
  }

  get hasPatterns(): boolean {
    return this.#patterns.length > 0
  }

  /** All patterns as one expression over whole names, as groups have it; null without one. */
  get regex(): string | null {
    if (this.#patterns.length === 0) return null
    return this.#patterns
      .map(({ pattern: { source, flags } }) => `${flags.includes('i') ? '(?i)' : ''}.*(?:${source}).*`)
      .join('|')
  }

  /** Whether a name belongs to it. */
  includes(topic: string): boolean {
    return this.#named.has(topic) || this.#patternOf(topic) !== undefined
  }

  definitionOf(topic: string): TopicDefinition<V, K> {
    const known = this.#named.get(topic) ?? this.#matched.get(topic)
    if (known) return known
    // The server's idea of an expression counts: a name that only it takes to match is read as the first pattern says.
    const pattern = this.#patternOf(topic) ?? this.#patterns[0]
    const definition = pattern?.define(topic) ?? topicDefinitionOf<V, K>(topic)
    this.#matched.set(topic, definition)
    return definition
  }

  #patternOf(topic: string): TopicPattern<V, K> | undefined {
    return this.#patterns.find(({ pattern }) => isMatch(pattern, topic))
  }
}
