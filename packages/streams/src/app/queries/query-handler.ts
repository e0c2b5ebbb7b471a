import { SerializationError } from '@kafkado/core'
import { decodeBase64Url, encodeBase64Url } from '@kafkado/core/internal'
import type { StoreEntry, StoreQuery } from '../../task/store-query.ts'

/** Answers within a process; undefined if it has no task with the key. */
export type QueryLocal = (request: StoreQuery) => Promise<readonly StoreEntry[] | undefined>

/**
 * The URL of a query for one key: `GET …/stores/NAME?key=BASE64URL&from=MS&to=MS`. The key is as its serde writes it.
 */
export function queryUrl(base: string, { store, key, from, to }: StoreQuery): URL {
  const url = new URL(`stores/${encodeURIComponent(store)}`, base.endsWith('/') ? base : `${base}/`)
  if (key) url.searchParams.set('key', encodeBase64Url(key))
  if (from !== undefined) url.searchParams.set('from', String(from))
  if (to !== undefined && to !== Infinity) url.searchParams.set('to', String(to))
  return url
}

/**
 * Answers the queries of other members from the stores of this process.
 *
 * @returns 200 with the entries; 503 while it does not have the key, 400 for a query it cannot read, 401 without the
 *   right key of the application, 404 for any other path
 */
export async function answerQuery(
  request: Request,
  local: QueryLocal,
  queryKey: string | undefined,
): Promise<Response> {
  if (queryKey !== undefined && request.headers.get('authorization') !== `Bearer ${queryKey}`)
    return json(401, { code: 'UNAUTHORIZED', detail: 'the key of the application is missing or wrong' })
  const { pathname, searchParams } = new URL(request.url)
  const [, name] = /\/stores\/([^/]+)$/.exec(pathname) ?? []
  const key = searchParams.get('key')
  if (request.method !== 'GET' || name === undefined || key === null)
    return json(404, { code: 'INVALID_REQUEST', detail: 'ask by GET /stores/NAME?key=…' })
  const query = queryOf(name, key, searchParams)
  if (typeof query === 'string') return json(400, { code: 'INVALID_REQUEST', detail: query })
  try {
    const entries = await local(query)
    if (entries) return json(200, { entries })
  } catch (error) {
    if (!SerializationError.is(error)) throw error
    return json(400, { code: 'INVALID_REQUEST', detail: error.message })
  }
  return json(503, { code: 'STORE_NOT_AVAILABLE', detail: `store '${query.store}' is not here` })
}

/** Reads the query, or says what is wrong with it. */
function queryOf(name: string, key: string, parameters: URLSearchParams): StoreQuery | string {
  const [from, to] = ['from', 'to'].map((bound) => parameters.get(bound) || undefined)
  if ([from, to].some((bound) => bound !== undefined && !Number.isFinite(Number(bound))))
    return 'from and to must be milliseconds since 1970'
  let store: string
  try {
    store = decodeURIComponent(name)
  } catch {
    return 'the name of the store must be percent-encoded UTF-8'
  }
  // The caller may have padded it.
  const bytes = decodeBase64Url(key.replace(/=+$/, ''))
  if (!bytes) return 'the key must be base64url'
  return { store, key: bytes, ...(from && { from: Number(from) }), ...(to && { to: Number(to) }) }
}

function json(status: number, content: unknown): Response {
  return new Response(JSON.stringify(content), { status, headers: { 'content-type': 'application/json' } })
}
