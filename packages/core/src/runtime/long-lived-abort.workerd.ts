/**
 * Cloudflare's workers make an AbortController only within a request, and only for that request: one that is made when
 * the module is loaded is refused, and so is its signal in the next request. This one is an object like any other. It
 * does not reach `fetch`, which takes the platform's own: each request gets one by `bounded`, which follows this.
 */
export class LongLivedAbortController implements AbortController {
  readonly signal = new LongLivedAbortSignal()

  abort(reason: unknown = new DOMException('This operation was aborted', 'AbortError')): void {
    if (this.signal.aborted) return
    this.signal.aborted = true
    this.signal.reason = reason
    this.signal.dispatchEvent(new Event('abort'))
  }
}

class LongLivedAbortSignal extends EventTarget implements AbortSignal {
  aborted = false
  reason: unknown = undefined
  /** Nothing here is told this way. */
  readonly onabort = null

  throwIfAborted(): void {
    if (this.aborted) throw this.reason
  }
}
