/**
 * For objects that live as long as a client. Where a controller may belong to one request only,
 * long-lived-abort.workerd.ts replaces it.
 */
export const LongLivedAbortController = AbortController
export type LongLivedAbortController = AbortController
