// The limit of a server: node:http reads a request and answers as ours does, after a write and a sync where it has a
// folder.
import { open } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { answerFigures } from '../../clients/server-figures.ts'
import { plainAnswer } from '../produce-frame.ts'

const [folder] = process.argv.slice(2)
const file = folder === undefined ? undefined : await open(join(folder, 'raw.log'), 'a')

const server = createServer((request, response) => {
  void read(request).then(async (body) => {
    await file?.write(body)
    await file?.datasync()
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': plainAnswer.length })
    response.end(plainAnswer)
  })
})

/** Into memory of the length that the request states. */
async function read(request: IncomingMessage): Promise<Buffer> {
  const body = Buffer.allocUnsafe(Number(request.headers['content-length']))
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) length += part.copy(body, length)
  return body.subarray(0, length)
}

server.listen(0, '127.0.0.1', () => {
  answerFigures()
  const { port } = server.address() as AddressInfo
  process.send?.({ url: `http://127.0.0.1:${port}` })
})
process.on('disconnect', () => {
  server.close()
  server.closeAllConnections()
  void file?.close()
})
