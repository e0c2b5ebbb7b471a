/**
 * An error, what it was caused by, and so on. Nobody keeps an application from throwing errors that cause one another:
 * each comes once.
 */
export function* causesOf(error: unknown): Generator<Error, void> {
  const seen = new Set<unknown>()
  for (let one = error; one instanceof Error && !seen.has(one); one = one.cause) {
    seen.add(one)
    yield one
  }
}
