/*
 * All that clients have to do with the page they run in: where it comes from, when it goes away, and what its tab
 * remembers. Node, workers and edge functions have nothing of it.
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

/**
 * `navigator.locks`: a lock is held by one page of the origin, and let go of when that page is gone, however it ended.
 */
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

/** The origin that a browser compares with the server's; undefined where there is none. */
export function pageOrigin(): string | undefined {
  return page.location?.origin
}

/**
 * Tells when the page goes away, for ever or into the browser's back/forward cache, and when it is shown again from
 * there, until the signal aborts.
 */
export function watchPage(signal: AbortSignal, onHide: () => void, onShow?: () => void): void {
  if (!isPage()) return
  page.addEventListener('pagehide', onHide, { signal })
  page.addEventListener('pageshow', ({ persisted }) => persisted && onShow?.(), { signal })
}

/**
 * What the tab remembers, with the locks that tell whose it is. Undefined where a page must not remember anything, or
 * has no locks, as one that came by http:// from another machine.
 */
export function tabMemory(): { readonly storage: TabStorage; readonly locks: TabLocks } | undefined {
  if (!isPage()) return undefined
  try {
    const { sessionStorage: storage, navigator } = page
    return storage && navigator?.locks && { storage, locks: navigator.locks }
  } catch {
    // To ask for it throws where the user has forbidden it.
    return undefined
  }
}

/** Browsers refuse what would make it more than 64 KiB in a page, whoever in it sends them. */
const mostKeptAliveBytes = 48 * 1024
let keptAliveBytes = 0

/**
 * Makes a request that arrives although its page goes away meanwhile, if it is small enough.
 *
 * @param fetch is given whether it may say `keepalive`
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
