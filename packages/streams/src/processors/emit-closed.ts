import type { WindowStore } from '../state/window-store.ts'
import type { Forward, NodeContext } from './processor.ts'

/**
 * Hands on the results of windows when they are closed, each once. They are found by the index of what is still open,
 * so none is lost however far time jumps.
 */
export class ClosedWindows {
  readonly #context: NodeContext
  readonly #windows: WindowStore
  readonly #forward: Forward
  readonly #closedUntil: (observedTime: number) => number
  #hasBegun = false

  /** @param closedUntil the latest end of a window that is closed at a time */
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
   * To be called before the first change. What was closed when the store was written was handed on before the restart.
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
