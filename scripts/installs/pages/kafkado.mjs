import { createKafkaClient } from 'kafkado'

export async function page(server) {
  const seen = []
  for (const url of ['memory:', server]) {
    const kafka = createKafkaClient(url)
    await kafka.produce('of-kafkado-pages', { orderId: '123' }, { key: 'a' })
    const group = `page-${performance.now()}`
    for await (const { value } of kafka.consume('of-kafkado-pages', { group }).take(1)) seen.push(value.orderId)
    await kafka.close()
  }
  return seen.join() === '123,123'
}

/** What a page answers where it cannot do something, or undefined where it can. */
export function refused(url) {
  try {
    void createKafkaClient(url).close()
    return undefined
  } catch (error) {
    return error.message
  }
}
