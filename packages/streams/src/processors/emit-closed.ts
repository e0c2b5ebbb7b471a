import type { WindowStore } from '../state/window-store.ts'
import type { Forward, NodeContext } from './processor.ts'

/**
 * Hands on the results of the windows that end at `time` or before, each once. They are found by the index of what is still open, so none is lost
 * however far time jumps; after a restart windows that were handed on are told by the time that the store had seen.
 */
export function emitClosed(context: NodeContext, windows: WindowStore, time: number, forward: Forward): void {
  const closed = windows.close(time)
  if (closed.length === 0) return
  context.withoutRecord(() => {
    for (const { key, start, end, value, timestamp } of windows.inOrder(closed))
      forward({ key, start, end }, value, timestamp, null)
  })
}
