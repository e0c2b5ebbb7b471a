/** A value that is visible to everything an action calls, across its awaits. */
export interface AsyncContext<T> {
  /**
   * The value of the innermost action that makes this call; undefined outside of actions, and if the platform cannot
   * tell.
   */
  current(): T | undefined
  run<R>(value: T, act: () => R): R
}
