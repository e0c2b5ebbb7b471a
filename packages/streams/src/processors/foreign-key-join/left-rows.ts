import type { Serde } from '@kafkado/core'
import { requireAnswer } from '../processor.ts'
import type { BuildGetter } from '../table-source.ts'
import { hashOf } from './messages.ts'

/** How the steps of a join by foreign key see the rows of the left table. */
export class LeftRows {
  readonly getter: BuildGetter
  readonly #serde: Serde<unknown>
  readonly #select: (value: unknown, key: unknown) => unknown

  constructor(getter: BuildGetter, serde: Serde<unknown>, select: (value: unknown, key: unknown) => unknown) {
    this.getter = getter
    this.#serde = serde
    this.#select = select
  }

  /** The row of the other table that one names; null for none, and without a row. */
  foreignKeyOf(value: unknown, key: unknown): unknown {
    return value === null ? null : (requireAnswer(this.#select(value, key), 'join') ?? null)
  }

  /** By which an answer says what row it is about; null without one. */
  hashOf(value: unknown): string | null {
    return value === null ? null : hashOf(this.#serde.serialize(value, { topic: 'left', field: 'value' }))
  }
}
