// The whole conformance suite over a server with a key that logs everything: no line may hold a secret or a value.
import { memory } from '@kafkado/broker'
import { http, intercept, type Interceptor, produce, type RequestOf, systemClock } from '@kafkado/core'
import { readRecordBatchHeader, readRecords, unpackRecordBatch } from '@kafkado/core/internal'
import { apiKeys, type AuditEntry, createKey, createPepper } from '@kafkado/server'
import { serve } from '@kafkado/server/node'
import { transportConformance } from '@kafkado/testing/conformance'
import { describe, expect, it } from 'vitest'
import { serverLog } from '../../packages/server/src/node/server-log.ts'
import { withoutOwners } from './without-owners.ts'

/** Shorter values, such as `v1`, stand by chance in other words. */
const shortest = 6
const lines: string[] = []
const audited: string[] = []
const values = new Set<string>()

const pepper = createPepper()
const { key, secret } = await createKey({
  pepper,
  scopes: (['topic', 'group', 'transactionalId'] as const).map((resource) => ({
    operation: 'all',
    resource,
    name: '*',
    pattern: 'literal',
  })),
})

/** Notes the keys and values of everything that the suite produces. Some cases send what is no request, or no batch. */
const noting: Interceptor = (next) => async (operation, request, options) => {
  if (operation.name === produce.name) await note(request as RequestOf<typeof produce>).catch(() => undefined)
  return next(operation, request, options)
}

async function note({ topics }: RequestOf<typeof produce>): Promise<void> {
  for (const { records } of topics.flatMap(({ partitions }) => partitions)) {
    const unpacked = await unpackRecordBatch(records, readRecordBatchHeader(records))
    readRecords(unpacked, (bytes, _offset, _time, keyStart, keyEnd, valueStart, valueEnd) => {
      for (const [start, end] of [[keyStart, keyEnd] as const, [valueStart, valueEnd] as const])
        if (start >= 0 && end - start >= shortest) values.add(Buffer.from(bytes.subarray(start, end)).toString())
    })
  }
}

describe('with a key and a log of everything', () => {
  transportConformance(async () => {
    const engine = memory()
    const audit = (entry: AuditEntry): number => audited.push(JSON.stringify(entry))
    const log = serverLog('debug', systemClock, { write: (line) => lines.push(line) })
    const server = await serve({
      transport: withoutOwners(engine),
      port: 0,
      keys: apiKeys({ pepper, keys: [key] }),
      log,
      audit,
    })
    const transport = intercept(http({ url: server.url, apiKey: secret }), noting)
    // A refusal of a key that somebody has misspelt must not show it either.
    await fetch(`${server.url}/v1`, { headers: { authorization: `Bearer ${secret}x`, 'x-request-id': secret } })
    await fetch(`${server.url}/${secret}?key=${secret}`, { headers: { authorization: `Bearer ${secret}` } })
    const close = async (): Promise<void> => {
      await transport.close()
      await server.close()
      await engine.close()
    }
    return { transport, close }
  })

  it('no line holds a secret, or the key or value of a record', () => {
    expect(lines.length).toBeGreaterThan(1000)
    expect(values.size).toBeGreaterThan(15)
    const text = lines.join('')
    const told = [...[secret, pepper, key.id].map(String), ...values].filter((one) => text.includes(one))
    expect(told).toEqual([])
    // The audit log names the key, which is no secret.
    expect(audited.length).toBeGreaterThan(100)
    expect([secret, pepper].filter((one) => audited.join('').includes(one))).toEqual([])
  })
})
