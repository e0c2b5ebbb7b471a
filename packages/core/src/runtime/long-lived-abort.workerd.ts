/**
 * Cloudflare's workers allow an AbortController only within a request, and only for that request: making one while the
 * module loads fails, and so does using its signal in the next request. This class is an ordinary object. It does not
 * reach `fetch`, which needs the platform's own: `bounded` gives each request a platform signal that follows this one.
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
  /** No event is reported this way. */
  readonly onabort = null

  throwIfAborted(): void {
    if (this.aborted) throw this.reason
  }
}
