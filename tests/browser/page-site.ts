import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** A web site whose page runs `page-program.ts`. */
export interface PageSite {
  /** What a server has to allow. */
  readonly origin: string
  close(): Promise<void>
}

const html = (title: string, script: string): string =>
  `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>${title}</title>${script}`

/** Bundles the page as a user does, and serves it; `/elsewhere` is a page without kafkado. */
export async function servePages(): Promise<PageSite> {
  const scripts = await bundle()
  const server = createServer(({ url = '/' }, response) => {
    const path = url.split('?')[0] as string
    const script = scripts.get(path)
    const [type, body] =
      script !== undefined
        ? ['text/javascript', script]
        : ['text/html', html(path, path === '/' ? '<script type="module" src="/program.js"></script>' : '')]
    response.writeHead(200, { 'content-type': type }).end(body)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { origin: `http://127.0.0.1:${port}`, close }
}

/** The scripts by their paths: what is loaded later is a file of its own. */
async function bundle(): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    entryPoints: { program: fileURLToPath(new URL('page-program.ts', import.meta.url)) },
    outdir: '/',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    conditions: ['kafkado-source'],
    minify: true,
    write: false,
    logLevel: 'error',
  })
  return new Map(outputFiles.map(({ path, text }) => [path, text]))
}
