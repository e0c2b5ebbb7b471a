/** The platform's own controller, under a path that other packages can import. */
export { LongLivedAbortController } from '#long-lived-abort'
