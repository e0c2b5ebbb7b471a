// A server on a folder or in memory, apart from the client, so that each one's work can be told from the other's.
import { embedded, memory } from '@kafkado/broker'
import { serve } from '@kafkado/server/node'
import { answerFigures } from './server-figures.ts'

const [folder] = process.argv.slice(2)
const engine = folder ? embedded(folder) : memory()
const server = await serve({ transport: engine, port: 0 })
answerFigures()
process.send?.({ url: server.url })
process.on('disconnect', () => void server.close().then(() => engine.close()))
