/**
 * The platform's own timers, as they were when this module was loaded. Test runners put fake ones in their place
 * (`vi.useFakeTimers()`, `jest.useFakeTimers()`), which fire only when the test advances them: a test of a program's
 * own timers would stop its producers and consumers too.
 */
export const { setTimeout, clearTimeout, queueMicrotask, MessageChannel } = globalThis

/** Browsers have none. */
export const setImmediate = (globalThis as { setImmediate?: (action: () => void) => unknown }).setImmediate

/** `performance.now()`. */
export const monotonicNow: () => number = performance.now.bind(performance)
