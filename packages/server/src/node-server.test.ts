import { capabilities, http, metadata } from '@kafkado/core'
import { expect, it } from 'vitest'
import { FakeTransport } from '../test/fake-transport.ts'
import { serve } from './node-server.ts'

it('serves over a socket, and closes although the client keeps its connection', async () => {
  const about = { server: 'fake 1', storage: 'memory', operations: ['produce'], maxMessageBytes: 1_048_588 }
  await using server = await serve({ transport: new FakeTransport().answer(capabilities, () => about), port: 0 })
  const client = http({ url: server.url, retries: 0 })
  expect(await client.send(capabilities, {})).toEqual(about)
  await expect(client.send(metadata, { topics: null, allowAutoTopicCreation: false })).rejects.toMatchObject({
    kafkaCode: 35,
  })
  await server.close()
  await client.close()
})
