/** Counts the bytes of records that wait to be delivered, and holds callers back until there are fewer. */
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

  /** Resolves when fewer bytes than the limit wait. */
  room(): Promise<void> {
    if (this.#count < this.#limit) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onRoom.push(resolve)
    })
  }
}
