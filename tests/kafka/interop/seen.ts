/** A record by its place, which says whether it was handled once. */
export interface SeenRecord {
  readonly partition: number
  readonly offset: number
}

/** Lets a test wait until what several consumers have seen is so, without asking again and again. */
export class Seen {
  readonly #waiting = new Set<() => void>()
  #failure: Error | undefined

  /** Something has happened. */
  changed(): void {
    for (const look of this.#waiting) look()
  }

  /** A consumer has come to an end by itself, so there is nothing to wait for. */
  failed(reason: unknown): void {
    this.#failure ??= reason instanceof Error ? reason : new Error(String(reason))
    this.changed()
  }

  /** @throws when a consumer has failed, or it is not so in time */
  async until(isSo: () => boolean, what: string, deadlineMs = 30_000): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(deadline)
        this.#waiting.delete(look)
        act()
      }
      const look = (): void => {
        const failure = this.#failure
        if (failure) settle(() => reject(failure))
        else if (isSo()) settle(resolve)
      }
      const deadline = setTimeout(
        () => settle(() => reject(new Error(`not within ${deadlineMs / 1000} s: ${what}`))),
        deadlineMs,
      )
      this.#waiting.add(look)
      look()
    })
  }
}

/** What one member of a group has seen. */
export class SeenByMember<R extends SeenRecord = SeenRecord> {
  readonly records: R[] = []
  readonly #owned = new Set<number>()
  readonly #seen: Seen

  constructor(seen: Seen) {
    this.#seen = seen
  }

  /** The partitions that it owns now. */
  get partitions(): number[] {
    return [...this.#owned].sort((left, right) => left - right)
  }

  take(records: readonly R[]): void {
    this.records.push(...records)
    this.#seen.changed()
  }

  assigned(partitions: readonly number[]): void {
    for (const partition of partitions) this.#owned.add(partition)
    this.#seen.changed()
  }

  revoked(partitions: readonly number[]): void {
    for (const partition of partitions) this.#owned.delete(partition)
    this.#seen.changed()
  }
}
