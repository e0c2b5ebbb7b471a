/*
 * Everything that clients need from the page they run in: its origin, the moment when it goes away, and its tab's
 * storage. Node, workers and edge functions have none of these.
 */

interface Page {
  readonly document?: unknown
  readonly location?: { readonly origin: string }
  readonly navigator?: { readonly locks?: TabLocks }
  readonly sessionStorage?: TabStorage
  addEventListener(
    type: string,
    listener: (event: { readonly persisted: boolean }) => void,
    options: { readonly signal: AbortSignal },
  ): void
}

const page: Page = globalThis as typeof globalThis & Page

/** `sessionStorage`: lasts as long as the tab, over reloads and crashes of the page. A duplicated tab gets a copy. */
export interface TabStorage {
  getItem(name: string): string | null
  setItem(name: string, value: string): void
  removeItem(name: string): void
}

/** `navigator.locks`: one page of the origin holds a lock, until that page is gone, however it ended. */
export interface TabLocks {
  request<T>(
    name: string,
    options: { readonly ifAvailable?: boolean },
    whileHeld: (lock: unknown) => Promise<T> | T,
  ): Promise<T>
}

function isPage(): boolean {
  return page.document !== undefined
}

/** The origin that a browser compares with the server's; undefined outside of pages. */
export function pageOrigin(): string | undefined {
  return page.location?.origin
}

/**
 * Until the signal aborts, reports when the page goes away, for ever or into the browser's back/forward cache, and when
 * it comes back from that cache.
 */
export function watchPage(signal: AbortSignal, onHide: () => void, onShow?: () => void): void {
  if (!isPage()) return
  page.addEventListener('pagehide', onHide, { signal })
  page.addEventListener('pageshow', ({ persisted }) => persisted && onShow?.(), { signal })
}

/**
 * The tab's storage, with the locks that tell which page owns an entry. Undefined if the page may not store anything,
 * or has no locks, as a page loaded by http:// from another machine.
 */
export function tabMemory(): { readonly storage: TabStorage; readonly locks: TabLocks } | undefined {
  if (!isPage()) return undefined
  try {
    const { sessionStorage: storage, navigator } = page
    return storage && navigator?.locks && { storage, locks: navigator.locks }
  } catch {
    // Access throws if the user has forbidden it.
    return undefined
  }
}

/** A page may have at most 64 KiB of such requests under way, over all of its code; browsers refuse more. */
const mostKeptAliveBytes = 48 * 1024
let keptAliveBytes = 0

/**
 * Makes a request that arrives even if its page goes away meanwhile, provided it is small enough.
 *
 * @param fetch is told whether it may use `keepalive`
 */
export async function outliving<T>(sizeInBytes: number, fetch: (keepalive: boolean) => Promise<T>): Promise<T> {
  if (!isPage() || keptAliveBytes + sizeInBytes > mostKeptAliveBytes) return fetch(false)
  keptAliveBytes += sizeInBytes
  try {
    return await fetch(true)
  } finally {
    keptAliveBytes -= sizeInBytes
  }
}
