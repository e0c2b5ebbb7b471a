/**
 * The platform's own timers, saved when this module was loaded. Test runners replace them by fake ones
 * (`vi.useFakeTimers()`, `jest.useFakeTimers()`), which fire only when the test advances them. A test of a program's
 * own timers would otherwise stop its producers and consumers too.
 */
export const { setTimeout, clearTimeout, queueMicrotask, MessageChannel } = globalThis

/** Browsers do not have it. */
export const setImmediate = (globalThis as { setImmediate?: (action: () => void) => unknown }).setImmediate

/** `performance.now()`. */
export const monotonicNow: () => number = performance.now.bind(performance)
