import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { serveKafkado } from '../cli/run-kafkado.ts'
import { chromiumPath, startChromium } from './chromium.ts'
import type { PageProgram } from './page-program.ts'
import { type PageSite, servePages } from './page-site.ts'
import { partitionCount, serveWatched, type WatchedServer } from './watched-server.ts'

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
    await context.close()
    await server.close()
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

  describe('that is loaded anew', () => {
    /** How it went: the member of the page before has left, and the one of the next got everything with its first answer. */
    async function expectTakenOver(page: Page, former: string): Promise<void> {
      figures.push(`${expect.getState().currentTestName}: ${Math.round(await untilItHasAll(page))} ms`)
      const [, next] = memberIds()
      expect(server.heartbeats.find(({ memberId }) => memberId === next)?.given).toEqual(all)
      expect(server.heartbeats.some(({ memberId, epoch }) => memberId === former && epoch < 0)).toBe(true)
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
      await expectTakenOver(page, former as string)
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
      await expectTakenOver(page, former as string)
    })
  })
})
