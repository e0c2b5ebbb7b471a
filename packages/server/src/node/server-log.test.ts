import { ManualClock } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { type LogLevel, logLevels, serverLog } from './server-log.ts'

function logged(level: LogLevel) {
  const lines: string[] = []
  const log = serverLog(level, new ManualClock(0), { write: (line) => lines.push(line) })
  return { log, entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

describe('the log of a server', () => {
  it.each(logLevels)('writes from the level %s on', (level) => {
    const { log, entries } = logged(level)
    const all = ['debug', 'info', 'warn', 'error'] as const
    for (const severity of all) log({ level: severity, message: 'something' })
    const from = all.indexOf(level as (typeof all)[number])
    expect(entries().map((entry) => entry['level'])).toEqual(level === 'silent' ? [] : all.slice(from))
    expect(log.isDebugging).toBe(level === 'debug')
  })

  it('writes one line of JSON with the time, the request and the stack of an error', () => {
    const { log, entries } = logged('warn')
    log({ level: 'error', message: 'a request\nfailed', requestId: 'r1', error: new Error('why') })
    expect(entries()).toEqual([
      {
        level: 'error',
        time: '1970-01-01T00:00:00.000Z',
        message: 'a request\nfailed',
        requestId: 'r1',
        error: expect.stringMatching(/^Error: why\n +at /),
      },
    ])
  })

  it('removes API keys and credentials, wherever they stand', () => {
    const secret = `kdo_0123456789abcdef_${'a'.repeat(43)}`
    const { log, entries } = logged('warn')
    log({ level: 'warn', message: `refused ${secret}`, error: new Error(`authorization: Bearer ${secret}`) })
    log({ level: 'warn', message: 'Basic dXNlcjpwYXNz', requestId: secret, error: `bearer abc.def ${secret}` })
    const text = JSON.stringify(entries())
    expect(text).not.toMatch(/aaaa|dXNlc|abc\.def/)
    expect(text).toContain('refused [secret]')
  })
})
