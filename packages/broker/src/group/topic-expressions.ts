import { errorOfCode } from '@kafkado/core/internal'
import { damaged } from '../records/damaged.ts'
import type { TopicRegistry } from '../topic/topic-registry.ts'
import { mostExpressionCharacters, mostExpressionWeight } from '../refusals/text-bounds.ts'
import { expressionWeight } from './expression-weight.ts'

/** So many compiled ones are kept. Of more in use, some are compiled again when topics change. */
const mostKept = 200

/** A compiled expression of RE2. */
interface Expression {
  matches(text: string): boolean
}

interface ExpressionLibrary {
  compile(source: string): Expression
}

/**
 * Regular expressions over topic names, as in Kafka's groups. RE2 matches in time proportional to the name, so no
 * client can block the engine with an expression. The library is loaded when the first group uses one.
 */
export class TopicExpressions {
  readonly #topics: TopicRegistry
  readonly #compiled = new Map<string, Expression>()
  readonly #matching = new Map<string, { readonly version: number; readonly names: readonly string[] }>()
  #library: ExpressionLibrary | undefined

  constructor(topics: TopicRegistry) {
    this.#topics = topics
  }

  async load(): Promise<void> {
    this.#library ??= (await import('re2js')).RE2JS
  }

  /** How many are kept compiled. */
  get size(): number {
    return this.#compiled.size
  }

  /**
   * Keeps nothing: the member may be refused for another reason.
   *
   * @throws KafkaError INVALID_REGULAR_EXPRESSION
   */
  check(source: string): void {
    if (this.#compiled.has(source)) return
    if (source.length > mostExpressionCharacters) {
      const detail =
        `a regular expression over topic names has at most ${mostExpressionCharacters} characters; ` +
        `'${source.slice(0, 40)}…' has ${source.length}`
      throw errorOfCode('INVALID_REGULAR_EXPRESSION', { detail })
    }
    const weight = expressionWeight(source)
    if (weight > mostExpressionWeight) {
      const detail =
        `a regular expression over topic names has at most ${mostExpressionWeight} parts, ` +
        `repetitions counted one by one; '${source.slice(0, 40)}…' has ${weight}`
      throw errorOfCode('INVALID_REGULAR_EXPRESSION', { detail })
    }
    try {
      this.#compile(source)
    } catch (cause) {
      const detail = `'${source}' is not a regular expression of RE2: ${String(cause)}`
      throw errorOfCode('INVALID_REGULAR_EXPRESSION', { detail }, { cause })
    }
  }

  /**
   * Stored expressions were checked before. An invalid one was damaged, and would fail at any later moment.
   *
   * @throws StorageError
   */
  requireWhole(source: string): void {
    try {
      this.check(source)
    } catch (cause) {
      const what = `a member of a group is subscribed to '${source.slice(0, 40)}', which is no regular expression`
      throw damaged(what, cause)
    }
  }

  /** The topics whose whole name matches. */
  topicNames(source: string): readonly string[] {
    const { version } = this.#topics
    const known = this.#matching.get(source)
    if (known?.version === version) return known.names
    const expression = this.#compiled.get(source) ?? this.#keep(source)
    const names = this.#topics
      .all()
      .map(({ name }) => name)
      .filter((name) => expression.matches(name))
    this.#matching.set(source, { version, names })
    return names
  }

  /** Drops the expressions that are no longer used. */
  retain(used: ReadonlySet<string>): void {
    for (const source of this.#compiled.keys()) {
      if (used.has(source)) continue
      this.#compiled.delete(source)
      this.#matching.delete(source)
    }
  }

  #compile(source: string): Expression {
    return (this.#library as ExpressionLibrary).compile(source)
  }

  #keep(source: string): Expression {
    const compiled = this.#compile(source)
    this.#compiled.set(source, compiled)
    const [oldest] = this.#compiled.keys()
    if (this.#compiled.size > mostKept && oldest !== undefined) {
      this.#compiled.delete(oldest)
      this.#matching.delete(oldest)
    }
    return compiled
  }
}
