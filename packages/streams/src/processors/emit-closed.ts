import type { WindowStore } from '../state/window-store.ts'
import type { Forward, NodeContext } from './processor.ts'

/**
 * Forwards the result of each window once, when it closes. An index of open windows finds them, so none is lost however
 * far time jumps.
 */
export class ClosedWindows {
  readonly #context: NodeContext
  readonly #windows: WindowStore
  readonly #forward: Forward
  readonly #closedUntil: (observedTime: number) => number
  #hasBegun = false

  /** @param closedUntil the latest end of a closed window at a given time */
  constructor(
    context: NodeContext,
    windows: WindowStore,
    forward: Forward,
    closedUntil: (observedTime: number) => number,
  ) {
    this.#context = context
    this.#windows = windows
    this.#forward = forward
    this.#closedUntil = closedUntil
    windows.trackClosing()
  }

  /**
   * Call it before the first change. Windows that were closed when the store was written were forwarded before the
   * restart.
   */
  begin(): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    const { observedTime } = this.#windows
    if (observedTime >= 0) this.#windows.close(this.#closedUntil(observedTime))
  }

  emit(observedTime: number): void {
    const closed = this.#windows.close(this.#closedUntil(observedTime))
    if (closed.length === 0) return
    this.#context.withoutRecord(() => {
      for (const { key, start, end, value, timestamp } of this.#windows.inOrder(closed))
        this.#forward({ key, start, end }, value, timestamp, null)
    })
  }
}
