/** The platform's own, by a path that other packages can take. */
export { LongLivedAbortController } from '#long-lived-abort'
