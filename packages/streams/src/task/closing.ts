/** The actions of a task's operators for its end. */
export class Closing {
  readonly #acts: { readonly operator: string; readonly act: () => void }[] = []

  add(operator: string, act: () => void): void {
    this.#acts.push({ operator, act })
  }

  /** Runs all actions, once. @returns the first error */
  run(): { readonly operator: string; readonly error: unknown } | undefined {
    let failure: { readonly operator: string; readonly error: unknown } | undefined
    for (const { operator, act } of this.#acts.splice(0)) {
      try {
        act()
      } catch (error) {
        failure ??= { operator, error }
      }
    }
    return failure
  }
}
