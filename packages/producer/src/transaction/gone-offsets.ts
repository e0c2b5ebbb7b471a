import type { KafkaError } from '@kafkado/core'
import { isUnknownTopic } from '@kafkado/core/internal'

/**
 * Offsets of topics that are gone, which nobody can commit any more and nobody needs. One broker may not have heard of
 * a topic yet, so it is gone when that was said twice in a row.
 */
export class GoneOffsets<O extends object> {
  readonly #missing = new Set<O>()
  readonly #gone = new Set<O>()

  /** The offsets that are left to commit. */
  leftOf(offsets: readonly O[]): readonly O[] {
    return offsets.filter((offset) => !this.#gone.has(offset))
  }

  /** @returns what one that is left was refused with, if any was */
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
