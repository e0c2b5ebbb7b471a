import { createMockKafka } from '@kafkado/testing'

const kafka = createMockKafka()
await kafka.seed('orders', [{ orderId: '123' }])
await kafka.produce('orders', { orderId: '124' })
const count = kafka.getMessages('orders').length
await kafka.close()
console.log(count === 2 ? 'used' : count)
