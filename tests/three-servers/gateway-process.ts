// A server in a process of its own, over the one that has the engine; a test kills it.
import { http } from '@kafkado/core'
import { serve } from '@kafkado/server/node'

const [engineUrl = '', port = '0'] = process.argv.slice(2)
const transport = http(engineUrl)
const server = await serve({ transport, port: Number(port) })
process.send?.({ url: server.url })
process.on('SIGTERM', () => void server.close().then(() => transport.close()))
