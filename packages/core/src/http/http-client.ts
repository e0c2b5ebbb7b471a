/** One request of the HTTP transport: always POST. */
export interface HttpRequest {
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: Uint8Array | string
  readonly signal: AbortSignal
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

/** An HTTP client on any `fetch`: the platform's, or one handed in by a test or an edge runtime. */
export function fetchHttpClient(fetch: Fetch): HttpClient {
  return {
    async post({ url, headers, body, signal }) {
      const response = await fetch(url, { method: 'POST', headers, body: body as BodyInit, signal })
      return {
        status: response.status,
        body: new Uint8Array(await response.arrayBuffer()),
        header: (name) => response.headers.get(name),
      }
    },
    close: () => Promise.resolve(),
  }
}
