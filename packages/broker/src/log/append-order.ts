/**
 * Keeps appends to a partition in the order of their requests, although some take longer to check than others.
 * Otherwise a producer's batches would overtake one another and be refused.
 */
export class AppendOrder {
  /** The last pending append of each partition. */
  readonly #last = new Map<string, Promise<unknown>>()

  /** Whether nobody waits for a turn, so that a checked batch can be appended at once. */
  get isIdle(): boolean {
    return this.#last.size === 0
  }

  /**
   * Appends once the batch is ready and all earlier appends to its partitions are done.
   *
   * @param partitions a name for each
   * @param append must be synchronous
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
