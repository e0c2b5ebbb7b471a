import { codeOf, KafkaError, QuotaExceededError, StorageError, TimeoutError } from '@kafkado/core'
import { errorOfCode, type Problem } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import type { LogEntry } from '../log.ts'
import { problemReply } from './problem-details.ts'
import { refuse } from './refusal.ts'

function reply(error: unknown) {
  const logged: LogEntry[] = []
  const { status, headers, body } = problemReply(error, 'id-1', (entry) => logged.push(entry))
  return { status, headers, problem: JSON.parse(body as string) as Problem, logged }
}

describe('a problem document', () => {
  it.each([
    ['INVALID_REQUEST', 400],
    ['INVALID_TOPIC_EXCEPTION', 400],
    ['SASL_AUTHENTICATION_FAILED', 401],
    ['TOPIC_AUTHORIZATION_FAILED', 403],
    ['UNKNOWN_TOPIC_OR_PARTITION', 404],
    ['GROUP_ID_NOT_FOUND', 404],
    ['FENCED_MEMBER_EPOCH', 409],
    ['STALE_MEMBER_EPOCH', 409],
    ['PRODUCER_FENCED', 409],
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', 409],
    ['TOPIC_ALREADY_EXISTS', 409],
    ['MESSAGE_TOO_LARGE', 413],
    ['OFFSET_OUT_OF_RANGE', 416],
    ['THROTTLING_QUOTA_EXCEEDED', 429],
    ['UNSUPPORTED_VERSION', 501],
    ['NOT_LEADER_OR_FOLLOWER', 503],
    ['COORDINATOR_NOT_AVAILABLE', 503],
    ['REQUEST_TIMED_OUT', 504],
    ['UNKNOWN_SERVER_ERROR', 500],
  ] as const)('for %s has the status %d', (name, status) => {
    const error = errorOfCode(name, { topic: 't', detail: 'why' })
    const answer = reply(error)
    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    const { code, kafkaCode, retriable, outcome } = error
    expect(answer.problem).toMatchObject({
      status,
      code,
      kafkaCode,
      retriable,
      outcome,
      detail: error.message,
      requestId: 'id-1',
    })
  })

  it('asks to come back later in whole seconds', () => {
    expect(reply(new QuotaExceededError('slow down', { retryAfterMs: 1200 })).headers['retry-after']).toBe('2')
  })

  it('names the way to log in', () => {
    expect(reply(errorOfCode('SASL_AUTHENTICATION_FAILED')).headers['www-authenticate']).toBe('Bearer')
  })

  it('keeps the unknown outcome', () => {
    expect(reply(new TimeoutError('late')).problem).toMatchObject({ outcome: 'unknown', retriable: true })
  })

  it('carries the headers of a refusal', () => {
    expect(reply(refuse(405, 'no', { allow: 'POST' }))).toMatchObject({ status: 405, headers: { allow: 'POST' } })
  })

  it.each([
    ['an Error', new Error('secret /path')],
    ['a text', 'secret /path'],
    ['undefined', undefined],
    ['an object that looks like an error', { code: 'TOPIC_NOT_FOUND', message: 'secret /path' }],
  ])('says nothing of %s, and logs it', (_, error) => {
    const { status, problem, logged } = reply(error)
    expect(status).toBe(500)
    expect(JSON.stringify(problem)).not.toContain('secret')
    expect(problem).toMatchObject({ code: 'UNKNOWN_SERVER_ERROR', outcome: 'unknown', requestId: 'id-1' })
    expect(logged).toEqual([expect.objectContaining({ level: 'error', requestId: 'id-1', error })])
  })

  it('says nothing of folders and addresses, and logs them', () => {
    const { status, problem, logged } = reply(new StorageError('cannot write /var/lib/kafkado/data.mdb'))
    expect(status).toBe(503)
    expect(JSON.stringify(problem)).not.toContain('/var')
    expect(problem).toMatchObject({ code: 'STORAGE', kafkaCode: codeOf('KAFKA_STORAGE_ERROR') })
    expect(logged).toHaveLength(1)
  })

  it('of a KafkaError without a number of Kafka is a 500 with its code', () => {
    expect(reply(new KafkaError('odd', { code: 'ODD' }))).toMatchObject({
      status: 500,
      problem: { code: 'ODD', detail: 'odd' },
    })
  })
})
