import { outliving } from '../runtime/page.ts'

/** One request of the HTTP transport: always POST. */
export interface HttpRequest {
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: Uint8Array | string
  readonly signal: AbortSignal
  /** Whether the request should arrive even if its page goes away. */
  readonly keepalive?: boolean | undefined
}

export interface HttpResponse {
  readonly status: number
  readonly body: Uint8Array
  header(name: string): string | null
}

/** How a runtime sends HTTP requests: undici in Node, `fetch` elsewhere. Rejects when no answer came. */
export interface HttpClient {
  post(request: HttpRequest): Promise<HttpResponse>
  close(): Promise<void>
}

export type Fetch = (input: string, init: RequestInit) => Promise<Response>

/** An HTTP client over any `fetch`: the platform's, or one from a test or an edge runtime. */
export function fetchHttpClient(fetch: Fetch): HttpClient {
  return {
    post({ url, headers, body, signal, keepalive = false }) {
      const post = async (outlives: boolean): Promise<HttpResponse> => {
        const init = { method: 'POST', headers, body: body as BodyInit, signal }
        // Not every runtime knows the option.
        const response = await fetch(url, outlives ? { ...init, keepalive: true } : init)
        return {
          status: response.status,
          body: new Uint8Array(await response.arrayBuffer()),
          header: (name) => response.headers.get(name),
        }
      }
      return keepalive ? outliving(mostBytesOf(body), post) : post(false)
    },
    close: () => Promise.resolve(),
  }
}

/** A character takes at most three bytes. */
function mostBytesOf(body: Uint8Array | string): number {
  return typeof body === 'string' ? body.length * 3 : body.length
}
