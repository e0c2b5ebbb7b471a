/** How many bytes of records wait to be delivered, and who waits until there are fewer. */
export class BufferedBytes {
  readonly #limit: number
  #count = 0
  readonly #onRoom: (() => void)[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  get count(): number {
    return this.#count
  }

  add(bytes: number): void {
    this.#count += bytes
  }

  remove(bytes: number): void {
    this.#count -= bytes
    if (this.#count < this.#limit) for (const resolve of this.#onRoom.splice(0)) resolve()
  }

  /** Resolves when there are less than the limit. */
  room(): Promise<void> {
    if (this.#count < this.#limit) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onRoom.push(resolve)
    })
  }
}
