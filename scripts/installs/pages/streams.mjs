import { http, metadata } from '@kafkado/core'
import { createStreamsBuilder } from '@kafkado/streams'

export async function page(server) {
  const transport = http({ url: server })
  await transport.send(metadata, { topics: ['of-stream-pages'], allowAutoTopicCreation: true })
  const application = `page-${Math.trunc(performance.now() * 1000)}`
  const app = await createStreamsBuilder(transport)
    .stream('of-stream-pages')
    .groupByKey()
    .count()
    .to('of-stream-pages-counts')
    .start({ application })
  await app.close()
  await transport.close()
  return true
}
