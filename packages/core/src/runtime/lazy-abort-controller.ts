/**
 * An AbortController that is made when it is first asked for. For what is constructed when a module is loaded: Cloudflare's
 * workers may not make one there.
 */
export class LazyAbortController implements AbortController {
  #made: AbortController | undefined

  get signal(): AbortSignal {
    return (this.#made ??= new AbortController()).signal
  }

  abort(reason?: unknown): void {
    this.#made ??= new AbortController()
    this.#made.abort(reason)
  }
}
