import type { Browser, Page } from 'playwright-core'

/** A tab as its browser sees it: it stays the same when its page crashes or comes out of the back/forward cache. */
export interface Tab {
  send(method: string, parameters?: object): Promise<unknown>
  /** What an expression is, of what JSON can write. A promise is waited for. */
  evaluate(expression: string): Promise<unknown>
  /** What an expression is as soon as that is neither false nor nothing. */
  until(expression: string): Promise<unknown>
}

/** Playwright has nothing to do with such pages, so the browser is asked past it. */
export async function tabOf(browser: Browser, page: Page): Promise<Tab> {
  const ofPage = await page.context().newCDPSession(page)
  const { targetInfo } = await ofPage.send('Target.getTargetInfo')
  const ofBrowser = await browser.newBrowserCDPSession()
  const { sessionId } = await ofBrowser.send('Target.attachToTarget', { targetId: targetInfo.targetId })
  const waiting = new Map<number, (answer: { result?: unknown; error?: object }) => void>()
  ofBrowser.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, ...answer } = JSON.parse(message) as { id?: number; result?: unknown; error?: object }
    if (id !== undefined) waiting.get(id)?.(answer)
  })
  let last = 0
  const send = async (method: string, params: object = {}): Promise<unknown> => {
    const id = ++last
    const answered = new Promise<{ result?: unknown; error?: object }>((resolve) => waiting.set(id, resolve))
    await ofBrowser.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method, params }) })
    const { result, error } = await answered
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`)
    return result
  }
  const evaluate = async (expression: string): Promise<unknown> => {
    const asked = { expression, awaitPromise: true, returnByValue: true }
    const { result } = (await send('Runtime.evaluate', asked)) as { result: { value?: unknown } }
    return result.value
  }
  const until = (expression: string): Promise<unknown> =>
    evaluate(`new Promise((resolve) => {
      const look = () => {
        const found = ${expression}
        if (found) resolve(found)
        else requestIdleCallback(look)
      }
      look()
    })`)
  return { send, evaluate, until }
}
