import { KafkaError } from '@kafkado/core'
import type { StateStorage, StateTable } from '../../state/state-storage.ts'

/**
 * Whether the storage of a task could not be read. That ends the session, whatever an operator makes of it: one that
 * catches the error may throw another, or go on without the row, and neither is the fault of its record.
 */
export class StorageFaults {
  #first: KafkaError | undefined

  get first(): KafkaError | undefined {
    return this.#first
  }

  /** The storage, whose failed reads are remembered. */
  watched(storage: StateStorage): Pick<StateStorage, 'table'> {
    return { table: (store) => this.#watchedTable(storage.table(store)) }
  }

  throwIfAny(): void {
    if (this.#first) throw this.#first
  }

  /** A query that fails is told so, and no record had to do with it. */
  outsideOfRecords<T>(query: () => T): T {
    const before = this.#first
    try {
      return query()
    } finally {
      this.#first = before
    }
  }

  #watchedTable(table: StateTable): StateTable {
    const note = (error: unknown): void => {
      if (KafkaError.is(error)) this.#first ??= error
    }
    return {
      get(key) {
        try {
          return table.get(key)
        } catch (error) {
          note(error)
          throw error
        }
      },
      *entries() {
        try {
          yield* table.entries()
        } catch (error) {
          note(error)
          throw error
        }
      },
    }
  }
}
