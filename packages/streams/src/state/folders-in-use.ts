/** Gives each folder to one user at a time. */
export class FoldersInUse {
  readonly #last = new Map<string, Promise<void>>()

  /** Resolves when the folder is free. @returns a function that gives it to the next user */
  async take(folder: string): Promise<() => void> {
    const before = this.#last.get(folder)
    let release!: () => void
    const free = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#last.set(folder, free)
    await before
    return () => {
      release()
      if (this.#last.get(folder) === free) this.#last.delete(folder)
    }
  }
}
