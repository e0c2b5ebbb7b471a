import { consumerGroupHeartbeat, UnauthorizedError } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { startCluster } from '../../test/fake-cluster.ts'
import { saslAuthenticateApi, saslHandshakeApi } from '../../test/fake-sasl.ts'
import { heartbeatOf } from '../../test/requests.ts'
import { outcomeOf, within } from '../../test/waiting.ts'

const noncesOf = (sent: Uint8Array): string => /r=([^,]*)/.exec(Buffer.from(sent).toString())?.[1] ?? ''

describe('an answer within SCRAM that cannot be read', () => {
  // The library throws in the handler of a socket, which ends the process; vitest reports an error that nobody catches.
  it.each([
    ['empty', ['']],
    ['without a nonce', ['s=c2FsdA==,i=4096']],
    ['without a salt', ['r=$x,i=4096']],
    ['without anything', ['=']],
    ['of many iterations', ['r=$x,s=c2FsdA==,i=2147483647']],
    ['of many iterations in another form', ['r=$x,s=c2FsdA==,i=1,=i= 2147483647']],
    ['that ends it and is empty', ['r=$x,s=c2FsdA==,i=4096', '']],
    ['that ends it without a signature', ['r=$x,s=c2FsdA==,i=4096', 'a=b']],
  ])('%s, refuses the connection', async (_, messages) => {
    const { cluster } = await startCluster(1)
    let next = 0
    cluster
      .broker(1)
      .learn(saslHandshakeApi)
      .learn(saslAuthenticateApi)
      .always(saslHandshakeApi, () => ({ errorCode: 0, mechanisms: ['SCRAM-SHA-256'] }))
      .always(saslAuthenticateApi, ({ authBytes }) => ({
        errorCode: 0,
        errorMessage: null,
        authBytes: Buffer.from((messages[next++] ?? '').replace('$', noncesOf(authBytes))),
        sessionLifetimeMs: 0,
      }))
    const sasl = { mechanism: 'SCRAM-SHA-256', username: 'admin', password: 'hunter2' } as const
    const transport = cluster.connect({ sasl })
    const error = await within(outcomeOf(transport.send(consumerGroupHeartbeat, heartbeatOf('g'))), 'the error')
    expect(error).toBeInstanceOf(UnauthorizedError)
    expect(error).toMatchObject({ retriable: false, outcome: 'failed' })
    expect((error as Error).message).not.toMatch(/undefined|hunter2/)
  })
})
