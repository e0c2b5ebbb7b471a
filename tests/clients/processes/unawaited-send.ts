import { setImmediate as turn } from 'node:timers/promises'
import { memory } from '@kafkado/broker'
import { createProducer, intercept, UnauthorizedError } from 'kafkado'

/**
 * Sends a record that fails and awaits nothing of it; then, for each of the further arguments with a producer of its
 * own, something else of the producer: `flush`, `ready`, `close`, or `nothing`. The first argument: what fails, `send`
 * or `sendBatch`; the second: where, `before` it is in a batch or at the `server`. Writes a line for each that the
 * process has outlived.
 */
const [what, where, ...calls] = process.argv.slice(2)
const refusing = intercept(
  memory(),
  (next) => (operation, request, options) =>
    operation.name === 'produce' ? Promise.reject(new UnauthorizedError('no')) : next(operation, request, options),
)
const timestamp = where === 'before' ? -1 : 0
for (const after of calls) {
  const producer = createProducer(refusing, 'orders')
  if (what === 'send') void producer.send('x', { timestamp })
  else void producer.sendBatch([{ value: 'x', timestamp }])
  if (after === 'flush' || after === 'ready' || after === 'close') await producer[after]()
  // What nobody looks after ends the process a turn after it has failed.
  while (producer.metrics().recordsFailed === 0) await turn()
  for (let turns = 0; turns < 10; turns++) await turn()
  process.stdout.write(`${JSON.stringify({ after, ...producer.metrics() })}\n`)
}
