// A worker at the edge, such as Cloudflare's: orders that are posted go to Kafka by way of `kafkado serve`.
import { env } from 'cloudflare:workers'
import { http } from '@kafkado/core'
import { createProducer } from '@kafkado/producer'

// Made when the worker is loaded, and shared by all requests. It does nothing yet.
const transport = http({ url: env.KAFKA_URL, apiKey: env.KAFKA_API_KEY })

export default {
  /**
   * Each request has a producer of its own: a batch that several requests share is sent by one of them, and workerd
   * ends those that only wait for what another request does.
   */
  async fetch(request) {
    const order = await request.json()
    await using orders = createProducer(transport, 'orders')
    const { partition, offset } = await orders.send(order, { key: order.customerId })
    return Response.json({ partition, offset })
  },
}
