// A worker at the edge, such as Cloudflare's: orders that are posted go to Kafka by way of `kafkado serve`.
import { env } from 'cloudflare:workers'
import { http } from '@kafkado/core'
import { createProducer } from '@kafkado/producer'

// One producer serves all requests, so that those which come at the same time share a batch. Making it does nothing yet:
// the first request looks up the topic.
const orders = createProducer(http({ url: env.KAFKA_URL, apiKey: env.KAFKA_API_KEY }), 'orders')

export default {
  /** Answers when the order is acknowledged: what a request has not awaited ends with it. */
  async fetch(request) {
    const order = await request.json()
    const { partition, offset } = await orders.send(order, { key: order.customerId })
    return Response.json({ partition, offset })
  },
}
