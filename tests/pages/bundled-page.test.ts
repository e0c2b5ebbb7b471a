// A page as its user's bundler makes it: nothing is left out, so what only Node has would stop the build. The bundle
// then runs in a context that has what pages have, and not one thing more.
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { root } from '../snippets/markdown-snippets.ts'

/** What the engine and the clients use of a page. */
const { AbortController, AbortSignal, Blob, CompressionStream, crypto, DecompressionStream, Event, EventTarget } =
  globalThis
const { fetch, performance, setTimeout, clearTimeout, TextDecoder, TextEncoder, URL, queueMicrotask } = globalThis
const page = {
  AbortController,
  AbortSignal,
  Blob,
  CompressionStream,
  crypto,
  DecompressionStream,
  Event,
  EventTarget,
  fetch,
  performance,
  setTimeout,
  clearTimeout,
  TextDecoder,
  TextEncoder,
  URL,
  DOMException,
  MessageChannel,
  console,
  queueMicrotask,
}

/** Runs the code of a module whose `result` is what it comes to. */
async function runInPage(code: string): Promise<unknown> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: `${root}/tests`, loader: 'ts' },
    bundle: true,
    platform: 'browser',
    conditions: ['kafkado-source'],
    format: 'iife',
    globalName: 'page',
    target: 'es2023',
    write: false,
    logLevel: 'silent',
  })
  const text = outputFiles[0]?.text ?? ''
  const context = createContext({ ...page })
  runInContext(text, context)
  return JSON.parse(await (runInContext('page.result()', context) as Promise<string>))
}

describe('kafkado in a page', () => {
  it('keeps records, groups, transactions and streams in memory', async () => {
    const code = `
      import { createKafkaClient } from 'kafkado'
      export async function result() {
        const kafka = createKafkaClient('memory:')
        await kafka.produce('orders', { orderId: '123' }, { key: 'a' })
        await kafka.transaction('orders', (transaction) => transaction.send({ orderId: '124' }))
        const seen = []
        for await (const { value } of kafka.consume('orders', { group: 'mailer' }).take(2)) seen.push(value.orderId)
        const app = await kafka.stream('orders').groupByKey().count().to('counts').start({ application: 'counting' })
        await app.close()
        await kafka.close()
        return JSON.stringify(seen.sort())
      }`
    expect(await runInPage(code)).toEqual(['123', '124'])
  })

  it.each([
    ['file:./data', /file: URLs need Node.*no folders.*'\.\/data'/],
    ['kafka://b1:9092,b2:9092', /kafka: URLs need Node.*no sockets.*b1:9092,b2:9092/],
  ])('says why it cannot open %s', async (url, said) => {
    const code = `
      import { createKafkaClient, KafkaError } from 'kafkado'
      export async function result() {
        try {
          createKafkaClient('${url}')
        } catch (error) {
          const { code, message, outcome, retriable } = error
          return JSON.stringify({ isOurs: KafkaError.is(error), code, message, outcome, retriable })
        }
      }`
    expect(await runInPage(code)).toEqual({
      isOurs: true,
      code: 'INVALID_REQUEST',
      message: expect.stringMatching(said) as string,
      outcome: 'failed',
      retriable: false,
    })
  })

  it.each(['admin', 'broker', 'client', 'consumer', 'core', 'messages', 'producer', 'server', 'streams', 'testing'])(
    'bundles with nothing of Node: @kafkado/%s',
    async (name) => {
      const code = `
        import * as all from '@kafkado/${name}'
        export const result = async () => JSON.stringify(Object.keys(all).length > 0)`
      expect(await runInPage(code)).toBe(true)
    },
  )

  it('says that folders need Node, with the engine alone', async () => {
    const code = `
      import { embedded } from '@kafkado/broker'
      export const result = () => embedded('./data').open().then(() => '""', (error) => JSON.stringify(error.message))`
    expect(await runInPage(code)).toMatch(/no folders/)
  })
})
