import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { createKafkaClient } from 'kafkado'

const folder = mkdtempSync('records-')
// The server is that of all runs.
const topic = `of-${folder}`
for (const url of ['memory:', `file:${folder}`, process.env['KAFKADO_SERVER']]) {
  const kafka = createKafkaClient(url)
  await kafka.produce(topic, { orderId: '123' }, { key: 'a' })
  const seen = []
  for await (const { value } of kafka.consume(topic, { group: topic }).take(1)) seen.push(value.orderId)
  await kafka.transaction(topic, (transaction) => transaction.send({ orderId: '124' }))
  const app = await kafka
    .stream(topic)
    .map((order) => order)
    .to(`${topic}-copy`)
    .start({ application: topic })
  await app.close()
  await kafka.close()
  if (seen[0] !== '123') throw new Error(`${url}: ${seen.join()}`)
}
rmSync(folder, { recursive: true })

// The command line of the package beside this program, where its files can be run: Yarn PnP keeps them in archives.
if (!process.versions['pnp']) {
  const main = './node_modules/kafkado/dist/bundled/main.js'
  const options = process.versions['deno'] ? ['run', '--quiet', '--allow-all', '--node-modules-dir=manual'] : []
  const kafkado = (...args) =>
    promisify(execFile)(process.execPath, [...options, main, ...args, '--url', process.env['KAFKADO_SERVER']])
  writeFileSync('orders.jsonl', '{"orderId":"125"}\n')
  for (const command of [
    ['topics', 'create', `${topic}-lines`],
    ['produce', `${topic}-lines`, 'orders.jsonl'],
    ['topics', 'list'],
    ['consume', `${topic}-lines`, '--until-end'],
  ]) {
    const { stderr } = await kafkado(...command)
    if (/warning|error/i.test(stderr)) throw new Error(`${command.join(' ')}: ${stderr}`)
  }
}
console.log('used')
