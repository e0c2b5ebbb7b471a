import { page as produces } from '../../pages/producer.mjs'
import { createKafkaClient } from 'kafkado'

export const runtime = 'edge'

export async function GET(request) {
  const kafka = createKafkaClient('memory:')
  await kafka.produce('orders', { orderId: '123' })
  await kafka.close()
  return Response.json({ used: await produces(new URL(request.url).searchParams.get('server')) })
}
