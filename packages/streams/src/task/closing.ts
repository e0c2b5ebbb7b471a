/** What the operators of a task want done when it ends. */
export class Closing {
  readonly #acts: { readonly operator: string; readonly act: () => void }[] = []

  add(operator: string, act: () => void): void {
    this.#acts.push({ operator, act })
  }

  /** Does all of it, once. @returns the first of what went wrong */
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
