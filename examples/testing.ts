// The same client on its own engine; the test controls time and failures.
import { createMockKafka, ManualClock } from '@kafkado/testing'

const kafka = createMockKafka({ clock: new ManualClock(), seed: 7 })
await kafka.seed('orders', [{ orderId: '123', amount: 99.99 }])
console.log(kafka.getMessages<{ orderId: string }>('orders')[0]?.value.orderId)
//> 123

kafka.faults.failNext('produce', 'NOT_LEADER_OR_FOLLOWER')
kafka.faults.loseAnswer('produce')
const sent = kafka.produce('orders', { orderId: '124', amount: 1 })
while (kafka.faults.pending > 0) await kafka.clock.advanceAsync('100ms')
await kafka.clock.advanceAsync('5m')
console.log((await sent).offset, kafka.getMessages('orders').length)
//> 1 2

const closing = kafka.close()
await kafka.clock.advanceAsync('1s')
await closing
