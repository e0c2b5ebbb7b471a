import { http, metadata } from '@kafkado/core'
import { createStreamsBuilder } from '@kafkado/streams'

const transport = http({ url: process.env['KAFKADO_SERVER'] })
await transport.send(metadata, { topics: ['of-streams'], allowAutoTopicCreation: true })
const app = await createStreamsBuilder(transport)
  .stream('of-streams')
  .groupByKey()
  .count()
  .to('of-streams-counts')
  .start({ application: 'of-streams', stateDirectory: './state' })
await app.close()
await transport.close()
console.log('used')
