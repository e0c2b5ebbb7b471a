import { memory } from '@kafkado/broker'
import { createProducer, intercept, UnauthorizedError } from 'kafkado'

/**
 * Sends a record that fails and awaits nothing of it; then, as the arguments say, something else of the producer: `flush`, `ready`, `close`, or
 * `nothing`. The second argument: what fails, `send` or `sendBatch`; the third: where, `before` it is in a batch or at the `server`.
 */
const [after, what, where] = process.argv.slice(2)
const refusing = intercept(
  memory(),
  (next) => (operation, request, options) =>
    operation.name === 'produce' ? Promise.reject(new UnauthorizedError('no')) : next(operation, request, options),
)
const producer = createProducer(refusing, 'orders')
const timestamp = where === 'before' ? -1 : 0
if (what === 'send') void producer.send('x', { timestamp })
else void producer.sendBatch([{ value: 'x', timestamp }])
if (after === 'flush' || after === 'ready' || after === 'close') await producer[after]()
await new Promise((resolve) => setTimeout(resolve, 100))
process.stdout.write(JSON.stringify(producer.metrics()))
