import type { KafkaError } from '@kafkado/core'
import { isUnknownTopic } from '@kafkado/core/internal'

/**
 * Offsets of deleted topics: nobody can commit them, and nobody needs them. A broker may not have heard of a new topic
 * yet, so a topic counts as deleted after two such answers in a row.
 */
export class GoneOffsets<O extends object> {
  readonly #missing = new Set<O>()
  readonly #gone = new Set<O>()

  /** The offsets that remain to be committed. */
  leftOf(offsets: readonly O[]): readonly O[] {
    return offsets.filter((offset) => !this.#gone.has(offset))
  }

  /** @returns the error that refused a remaining offset, if one did */
  refusalOf(offsets: readonly O[], refusals: readonly (KafkaError | undefined)[]): KafkaError | undefined {
    let first: KafkaError | undefined
    for (const [index, offset] of offsets.entries()) {
      const refusal = refusals[index]
      const isMissing = isUnknownTopic(refusal)
      if (isMissing && this.#missing.has(offset)) this.#gone.add(offset)
      else if (refusal) first ??= refusal
      if (isMissing) this.#missing.add(offset)
      else this.#missing.delete(offset)
    }
    return first
  }
}
