// A worker at the edge, such as Cloudflare's: it sends posted orders to Kafka through `kafkado serve`.
import { env } from 'cloudflare:workers'
import { http } from '@kafkado/core'
import { createProducer } from '@kafkado/producer'

// Made when the worker is loaded, and shared by all requests. It connects only when it is used.
const transport = http({ url: env.KAFKA_URL, apiKey: env.KAFKA_API_KEY })

export default {
  /**
   * Each request has its own producer: a shared batch is sent by one of its requests, and workerd ends requests that
   * only wait for another one.
   */
  async fetch(request) {
    const order = await request.json()
    await using orders = createProducer(transport, 'orders')
    const { partition, offset } = await orders.send(order, { key: order.customerId })
    return Response.json({ partition, offset })
  },
}
