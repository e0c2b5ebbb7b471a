import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'

/** Older than any age that a package manager asks of what it installs. */
const published = '2026-01-01T00:00:00.000Z'

/**
 * A registry on loopback that has the given packages. Whatever else it is asked for it redirects to `upstream`, the
 * registry that this machine is configured to use.
 *
 * @param {readonly { manifest: { name: string, version: string }, file: string, content: Buffer }[]} packages
 * @param {string} upstream
 */
export async function startRegistry(packages, upstream) {
  const archives = new Map(packages.map(({ file, content }) => [`/-/${file}`, content]))
  const names = new Map(packages.map((one) => [`/${one.manifest.name}`, one]))
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    const archive = archives.get(path)
    const known = names.get(path)
    // What another run had at this port is kept by nobody.
    response.setHeader('cache-control', 'no-store')
    if (archive) response.end(archive)
    else if (known)
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(documentOf(known, request.headers.host)))
    else response.writeHead(302, { location: upstream.replace(/\/$/, '') + request.url }).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the registry has no port')
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${address.port}`, close }
}

/** What a registry tells of a package: its versions, each with its manifest and its archive. */
function documentOf({ manifest, file, content }, host) {
  const digest = (algorithm) => createHash(algorithm).update(content)
  const dist = {
    tarball: `http://${host}/-/${file}`,
    shasum: digest('sha1').digest('hex'),
    integrity: `sha512-${digest('sha512').digest('base64')}`,
  }
  const { name, version } = manifest
  return {
    name,
    'dist-tags': { latest: version },
    time: { created: published, modified: published, [version]: published },
    versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
  }
}
