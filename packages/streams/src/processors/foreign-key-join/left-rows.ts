import type { Serde } from '@kafkado/core'
import { requireAnswer } from '../processor.ts'
import type { BuildGetter } from '../table-source.ts'
import { hashOf } from './messages.ts'

/** A view of the left table's rows for the steps of a join by foreign key. */
export class LeftRows {
  readonly getter: BuildGetter
  readonly #serde: Serde<unknown>
  readonly #select: (value: unknown, key: unknown) => unknown

  constructor(getter: BuildGetter, serde: Serde<unknown>, select: (value: unknown, key: unknown) => unknown) {
    this.getter = getter
    this.#serde = serde
    this.#select = select
  }

  /** The key of the other table's row; null for none, and without a row. */
  foreignKeyOf(value: unknown, key: unknown): unknown {
    return value === null ? null : (requireAnswer(this.#select(value, key), 'join') ?? null)
  }

  /** The hash by which an answer names the state of its row; null without a row. */
  hashOf(value: unknown): string | null {
    return value === null ? null : hashOf(this.#serde.serialize(value, { topic: 'left', field: 'value' }))
  }
}
