import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embedded } from '@kafkado/broker'
import { type RunningServer, serve } from '@kafkado/server/node'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { within } from '../reliability/within.ts'
import { chromiumPath, startChromium } from './chromium.ts'
import type { PageProgram } from './page-program.ts'
import { type PageSite, servePages } from './page-site.ts'
import { tabOf } from './tab.ts'
import { type Heartbeat, partitionCount, serveWatched, type WatchedServer } from './watched-server.ts'

declare const program: PageProgram

const path = chromiumPath()
if (path === undefined) {
  console.warn(
    '\nSKIPPED: the tests in a browser. They need Chromium (apt-get install chromium, or KAFKADO_CHROMIUM).\n',
  )
}

/** Every partition, as a member has them that is alone. */
const all = Array.from({ length: partitionCount }, (_, partition) => partition)
/** What the tests have measured, for whoever reads their output. */
const figures: string[] = []

describe.skipIf(path === undefined)('a page in Chromium, of another origin than the server', () => {
  let browser: Browser
  let site: PageSite
  let folder: string
  let context: BrowserContext
  let server: WatchedServer

  beforeAll(async () => {
    site = await servePages()
    browser = await startChromium(path as string)
  })
  afterAll(async () => {
    await browser.close()
    await site.close()
    console.info(figures.join('\n'))
  })
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kafkado-browser-'))
    context = await browser.newContext()
    server = await serveWatched(folder, [site.origin])
  })
  afterEach(async () => {
    await within(context.close(), 60_000, 'Chromium closes the pages')
    await within(server.close(), 60_000, 'the server closes')
    await rm(folder, { recursive: true })
  })

  const addressOf = (asked: Record<string, string>): string =>
    `${site.origin}/?${new URLSearchParams({ url: server.url, key: server.key, ...asked }).toString()}`

  async function open(asked: Record<string, string> = {}): Promise<Page> {
    const page = await context.newPage()
    await page.goto(addressOf(asked))
    return page
  }

  /** Waits for a page that reads every partition. @returns after which time it had some */
  async function untilItHasAll(page: Page): Promise<number> {
    await page.waitForFunction((count) => program.owned.length === count, partitionCount)
    return page.evaluate(() => program.firstOwnedMs as number)
  }

  const hasLeft = ({ epoch, isRefused }: Heartbeat): boolean => epoch < 0 && !isRefused
  const memberIds = (): string[] => [...new Set(server.heartbeats.map(({ memberId }) => memberId))]

  it('writes and reads as members of a group', async () => {
    const [writer, first, second] = [await open(), await open({ group: 'shop' }), await open({ group: 'shop' })]
    await server.until(() => memberIds().length === 2)
    const values = Array.from({ length: 40 }, (_, index) => `order ${index}`)
    const sent = await writer.evaluate((given) => Promise.all(given.map((value) => program.send(value))), values)
    expect(sent.filter(({ error }) => error)).toEqual([])
    const read = async (): Promise<string[]> => {
      const each = await Promise.all([first, second].map((page) => page.evaluate(() => program.read)))
      return [...new Set(each.flat())].sort()
    }
    await expect.poll(read, { timeout: 20_000 }).toEqual([...values].sort())
    figures.push(`first send, with all preflights: ${Math.round(sent[0]?.tookMs as number)} ms`)
  })

  it('reads by handlers, which it loads when it has them', async () => {
    const page = await open({ group: 'shop', handlers: '3' })
    await untilItHasAll(page)
    const values = Array.from({ length: 20 }, (_, index) => `order ${index}`)
    await page.evaluate((given) => Promise.all(given.map((value) => program.send(value))), values)
    await page.waitForFunction((given) => given.every((value) => program.read.includes(value)), values)
    await page.evaluate(() => program.close())
    expect((await page.evaluate(() => program.read)).sort()).toEqual(values.sort())
  })

  describe('that is loaded anew', () => {
    /** The member of the page before has left, and the one of the next got everything with its first answer. */
    function expectTakenOver(former: string | undefined, tookMs: number): void {
      figures.push(`${expect.getState().currentTestName?.split(' > ').pop()}: ${Math.round(tookMs)} ms`)
      expect(tookMs).toBeLessThan(3000)
      const [, next] = memberIds()
      expect(server.heartbeats.find(({ memberId }) => memberId === next)?.given).toEqual(all)
      expect(server.heartbeats.some((one) => one.memberId === former && hasLeft(one))).toBe(true)
    }

    it.each([
      ['as any member', {}],
      ['under an instance id', { instance: 'till-1' }],
    ])('reads on at once, %s', async (_, asked) => {
      const page = await open({ group: 'shop', ...asked })
      await untilItHasAll(page)
      const [former] = memberIds()
      await page.evaluate(() => program.send('before'))
      await page.waitForFunction(() => program.read.length === 1)
      await page.reload()
      expectTakenOver(former, await untilItHasAll(page))
      await page.evaluate(() => program.send('after'))
      await page.waitForFunction(() => program.read.includes('after'))
    })

    it.each([
      ['as any member', {}],
      ['under an instance id', { instance: 'till-1' }],
    ])('reads on at once after it said nothing as it went, %s', async (_, asked) => {
      await context.addInitScript(() => {
        addEventListener('pagehide', (event) => event.stopImmediatePropagation(), { capture: true })
      })
      const page = await open({ group: 'shop', ...asked })
      await untilItHasAll(page)
      const [former] = memberIds()
      await page.reload()
      expectTakenOver(former, await untilItHasAll(page))
    })

    it.each([
      ['as any member', {}],
      ['under an instance id', { instance: 'till-1' }],
    ])('reads nothing a second time that it had processed, %s', async (_, asked) => {
      const page = await open({ group: 'shop', commitMs: '3600000', ...asked })
      await untilItHasAll(page)
      let twice = 0
      const [reloads, each] = [5, 20]
      // The browser asks once whether the page may commit, and would else ask while it goes.
      await page.evaluate(() => program.commit())
      for (let round = 0; round < reloads; round++) {
        const values = Array.from({ length: each }, (__, index) => `${round}/${index}`)
        await page.evaluate((given) => Promise.all(given.map((value) => program.send(value))), values)
        await page.waitForFunction((last) => last.every((value) => program.read.includes(value)), values)
        await page.reload()
        await untilItHasAll(page)
        // They come behind everything that may be read again in their partitions.
        const ends = all.map((partition) => ({ value: `end of ${round} in ${partition}`, partition }))
        await page.evaluate(
          (given) => Promise.all(given.map(({ value, partition }) => program.send(value, { partition }))),
          ends,
        )
        await page.waitForFunction((given) => given.every(({ value }) => program.read.includes(value)), ends)
        twice += (await page.evaluate(() => program.read.length)) - ends.length
      }
      figures.push(`records seen twice over ${reloads} reloads after ${each} records each: ${twice}`)
      // Two requests go as a page does, and the browser says in which order: one that leaves first costs what it had read.
      expect(twice).toBeLessThanOrEqual(each)
    })

    it('reads on at once after its process crashed', async () => {
      const page = await open({ group: 'shop' })
      await untilItHasAll(page)
      const [former] = memberIds()
      const tab = await tabOf(browser, page)
      const crashed = page.waitForEvent('crash')
      // A page that is gone answers nothing.
      tab.send('Page.crash').catch(() => undefined)
      await crashed
      await tab.send('Page.reload')
      await server.until((heartbeats) => heartbeats.some(({ memberId, given }) => memberId !== former && given?.length))
      expectTakenOver(former, (await tab.until('globalThis.program?.firstOwnedMs')) as number)
    })
  })

  /** A browser asks first whether a page may send what it sends as it goes, and sends it when that page is long gone. */
  async function forgetThatItMayCall(): Promise<void> {
    await server.close()
    server = await serveWatched(folder, [site.origin], 0)
  }

  it('that is closed gives its partitions to the others at once', async () => {
    await forgetThatItMayCall()
    const [stays, goes] = [await open({ group: 'shop' }), await open({ group: 'shop' })]
    await goes.waitForFunction(() => program.owned.length > 0)
    await goes.close()
    await untilItHasAll(stays)
    await server.until((heartbeats) => heartbeats.some(hasLeft))
  })

  it('that leaves by itself is left for by nobody else', async () => {
    const page = await open({ group: 'shop' })
    await untilItHasAll(page)
    await page.evaluate(() => program.close())
    await page.reload()
    await untilItHasAll(page)
    const [former] = memberIds()
    expect(server.heartbeats.filter(({ memberId, epoch }) => memberId === former && epoch < 0)).toHaveLength(1)
  })

  it('of a duplicated tab is another member, and lets the one of its original live', async () => {
    const original = await open({ group: 'shop' })
    await untilItHasAll(original)
    const [former] = memberIds()
    const remembered = (page: Page): Promise<string[]> => page.evaluate(() => Object.keys(sessionStorage))
    const opened = context.waitForEvent('page')
    await original.evaluate(() => window.open(location.href))
    const duplicate = await opened
    await duplicate.waitForLoadState()
    await duplicate.waitForFunction(() => program.owned.length > 0)
    // A copy, as the browser's own "Duplicate" makes it.
    expect(await remembered(duplicate)).toEqual(expect.arrayContaining(await remembered(original)))
    expect(memberIds()).toHaveLength(2)
    expect(server.heartbeats.filter(({ epoch }) => epoch < 0)).toEqual([])
    // Nor when the duplicate is loaded anew: only its own member leaves then.
    await duplicate.reload()
    await duplicate.waitForFunction(() => program.owned.length > 0)
    const left = server.heartbeats.filter(({ epoch }) => epoch < 0).map(({ memberId }) => memberId)
    expect(left).not.toContain(former)
    expect(await original.evaluate(() => program.owned.length)).toBeGreaterThan(0)
  })

  it('that comes back out of the back/forward cache reads on', async () => {
    const page = await open({ group: 'shop' })
    await untilItHasAll(page)
    const tab = await tabOf(browser, page)
    await page.goto(`${site.origin}/elsewhere`)
    await server.until((heartbeats) => heartbeats.some(hasLeft))
    const before = server.heartbeats.length
    await tab.evaluate('history.back()')
    await server.until((heartbeats) => heartbeats.slice(before).some(({ given }) => given?.length === partitionCount))
    await (await open()).evaluate(() => program.send('after'))
    await tab.until("program.read.includes('after')")
    // It is the same page, unless the browser has dropped it meanwhile.
    expect(memberIds()).toHaveLength((await tab.evaluate('program.timesShownAgain')) === 1 ? 1 : 2)
  })

  it.each([
    // Each waits for the next page: Chromium may never close a page that is on its way to another.
    ['goes elsewhere', (page: Page) => page.goto(`${site.origin}/elsewhere`)],
    ['is loaded anew', (page: Page) => page.reload()],
    ['is closed', (page: Page) => page.close()],
  ])('that %s right after a send has sent it', async (_, go) => {
    await forgetThatItMayCall()
    const page = await open()
    const linger = { lingerMs: 600_000, partition: 0 }
    await page.evaluate((options) => program.send('first', options), linger)
    const release = server.holdAcknowledgements()
    await page.evaluate((options) => program.begin('on its way', options), linger)
    expect([await server.next(), await server.next()]).toEqual(['first', 'on its way'])
    await page.evaluate((options) => program.begin('waits for company', options), linger)
    await go(page)
    expect(await server.next()).toBe('waits for company')
    release()
  })

  /** A server that is gone at once, with what it has not answered. */
  async function serveFolder(data: string, port = 0): Promise<Pick<RunningServer, 'url' | 'port' | 'close'>> {
    const engine = embedded(data)
    const cors = { origins: [site.origin] }
    const running = await serve({ transport: engine, port, cors, drainTimeout: 0 })
    const close = async (): Promise<void> => {
      await running.close()
      await engine.close()
    }
    return { url: running.url, port: running.port, close }
  }

  it('writes and reads on, in order and once, when the server goes and comes back', async () => {
    let served = await serveFolder(join(folder, 'data'))
    const page = await open({ url: served.url, group: 'shop', key: '' })
    await page.waitForFunction(() => program.owned.length > 0)
    const values = (name: string): string[] => Array.from({ length: 20 }, (_, index) => `${name} ${index}`)
    const sendAll = (name: string): Promise<void> =>
      page.evaluate((given) => given.forEach((value) => program.begin(value)), values(name))
    await sendAll('before')
    await page.waitForFunction(() => program.sent.length === 20)
    await sendAll('meanwhile')
    await served.close()
    const refused = page.waitForEvent('requestfailed')
    await sendAll('without a server')
    await refused
    served = await serveFolder(join(folder, 'data'), served.port)
    await page.waitForFunction(() => program.sent.length === 60)
    expect(await page.evaluate(() => program.sent.filter(({ error }) => error))).toEqual([])
    const all = [...values('before'), ...values('meanwhile'), ...values('without a server')]
    await page.waitForFunction((count) => new Set(program.read).size === count, all.length)
    expect([...new Set(await page.evaluate(() => program.read))]).toEqual(all)
    const slowest = await page.evaluate(() => Math.max(...program.sent.map(({ tookMs }) => tookMs)))
    figures.push(`the slowest send over a restart of the server: ${Math.round(slowest)} ms`)
    await page.close()
    await served.close()
  })

  it('waits for its first send while it is offline', async () => {
    const page = await open()
    await context.setOffline(true)
    const given = await page.evaluate(() => program.send('given up', { deliveryTimeout: 1500 }))
    expect(given.error).toMatchObject({ code: 'TIMEOUT', outcome: 'failed' })
    expect(given.tookMs).toBeGreaterThanOrEqual(1500)
    const failed = page.waitForEvent('requestfailed')
    await page.evaluate(() => program.begin('waits'))
    await failed
    await context.setOffline(false)
    await page.waitForFunction(() => program.sent.length === 1)
    expect(await page.evaluate(() => program.sent[0])).toMatchObject({ offset: 0 })
    expect(await server.next()).toBe('waits')
  })

  it('that the server does not allow is told that this may be so, and how to allow it', async () => {
    const other = await serveWatched(await mkdtemp(join(folder, 'other-')), ['https://shop.example.com'])
    const page = await open({ url: other.url })
    const { error } = await page.evaluate(() => program.send('blocked', { deliveryTimeout: 1500 }))
    expect(error).toMatchObject({ code: 'TIMEOUT', outcome: 'failed' })
    expect(error?.message).toContain(`cannot reach the kafkado server at ${other.url}: `)
    expect(error?.message).toContain('(CORS)')
    expect(error?.message).toContain(`--cors-origin ${site.origin}`)
    expect(error?.message).toContain('cors.origins of serve')
    // One that was answered before is allowed, so what fails later has other reasons.
    const allowed = await open()
    expect(await allowed.evaluate(() => program.send('allowed'))).toMatchObject({ offset: 0 })
    await context.setOffline(true)
    const later = await allowed.evaluate(() => program.send('offline', { deliveryTimeout: 1500 }))
    expect(later.error).toMatchObject({ code: 'TIMEOUT', outcome: 'failed' })
    expect(later.error?.message).not.toContain('CORS')
    await other.close()
  })
})
