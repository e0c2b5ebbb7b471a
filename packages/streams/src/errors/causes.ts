/** An error, its cause, the cause of that, and so on. Errors may cause one another in a circle, so each comes once. */
export function* causesOf(error: unknown): Generator<Error, void> {
  const seen = new Set<unknown>()
  for (let one = error; one instanceof Error && !seen.has(one); one = one.cause) {
    seen.add(one)
    yield one
  }
}
