/**
 * For what lives as long as a client. Where it may be an object of a request alone, long-lived-abort.workerd.ts has
 * another.
 */
export const LongLivedAbortController = AbortController
export type LongLivedAbortController = AbortController
