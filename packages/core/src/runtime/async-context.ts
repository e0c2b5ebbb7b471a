/** A value for all that an act calls, across its awaits. */
export interface AsyncContext<T> {
  /**
   * That of the innermost act from which this is called; undefined outside of all, and where the platform cannot tell.
   */
  current(): T | undefined
  run<R>(value: T, act: () => R): R
}
