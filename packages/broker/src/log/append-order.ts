/**
 * Keeps appends to a partition in the order of their requests, although some have to be looked at for longer than
 * others: a producer's batches overtaken by its own would be refused.
 */
export class AppendOrder {
  /** The last append of each partition whose turn has not come yet. */
  readonly #last = new Map<string, Promise<unknown>>()

  /** Whether nobody waits for a turn, so that what is ready can be appended at once. */
  get isIdle(): boolean {
    return this.#last.size === 0
  }

  /**
   * Appends once it is ready and whatever came before it for any of the partitions was appended.
   *
   * @param partitions a name for each
   * @param append must not wait for anything
   */
  inTurn<Ready, Result extends object>(
    partitions: readonly string[],
    ready: Promise<Ready>,
    append: (ready: Ready) => Result,
  ): Promise<Result> {
    const before = partitions.map((partition) => this.#last.get(partition))
    const turn = Promise.all([ready, ...before]).then(([value]) => append(value))
    const end = (): void => {
      for (const partition of partitions) if (this.#last.get(partition) === ended) this.#last.delete(partition)
    }
    const ended = turn.then(end, end)
    for (const partition of partitions) this.#last.set(partition, ended)
    return turn
  }
}
