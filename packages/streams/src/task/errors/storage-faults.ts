import { KafkaError } from '@kafkado/core'
import type { StateStorage, StateTable } from '../../state/state-storage.ts'

/**
 * Remembers whether the storage of a task could not be read. That ends the session, whatever an operator does: it may
 * throw another error, or continue without the row, but the record is not at fault.
 */
export class StorageFaults {
  #first: KafkaError | undefined

  get first(): KafkaError | undefined {
    return this.#first
  }

  /** Wraps the storage to remember failed reads. */
  watched(storage: StateStorage): Pick<StateStorage, 'table'> {
    return { table: (store) => this.#watchedTable(storage.table(store)) }
  }

  throwIfAny(): void {
    if (this.#first) throw this.#first
  }

  /** A failing query gets its error; no record is involved. */
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
