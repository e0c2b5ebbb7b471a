// Runs the bundle of a page in Node, which has what pages have. By `process` programs tell it from a page; Node's own
// fetch needs its other names.
import { pathToFileURL } from 'node:url'

const { argv, env } = process
const { KAFKADO_SERVER: server, KAFKADO_KEEPS_NODE: keepsNode } = env
const bundle = pathToFileURL(argv[2] ?? '').href
if (!keepsNode) delete globalThis.process
const { page, refused } = await import(bundle)
const said = keepsNode
  ? []
  : ['file:./data', 'kafka://b1:9092'].map((url) => refused?.(url) ?? 'file: kafka: need Node')
const isRefused = said.every((text) => /need Node/.test(text))
console.log((await page(server)) && isRefused ? 'used' : `not used: ${said.join()}`)
