import { encodeBase64Url, ManualClock } from '@kafkado/core/internal'
import { createToken, type CreatedToken, type CreateTokenOptions } from '@kafkado/server'
import { seededRandom } from '@kafkado/core'
import { bare, mine, may, otherPepper, pepper, reader, revoked, theirs } from '../place/keys.ts'
import { type Negative, negatives } from '../place/negatives.ts'
import { request } from '../place/raw-http.ts'

/** Tokens for web pages: narrower than their key, short-lived, and made by nobody else. */

const encoder = new TextEncoder()
const clock = new ManualClock()
const made = (options: Partial<CreateTokenOptions> = {}): Promise<CreatedToken> =>
  createToken({ pepper, key: mine.key, runtime: { clock, random: seededRandom(3) }, ...options })

const listing = { statesFilter: [], typesFilter: [] }
const withToken = (token: string): string => request('/v1/admin/list-groups', listing, { key: { secret: token } })

const whole = await made()
const [payload, signature] = whole.token.slice(4).split('.') as [string, string]
const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
const changed = (change: object, signedBy = signature): string =>
  `kdt_${encodeBase64Url(encoder.encode(JSON.stringify({ ...claims, ...change })))}.${signedBy}`
const early = new ManualClock(clock.now() - 3_600_000)
const late = new ManualClock(clock.now() + 3_600_000)

const forged: readonly Negative[] = [
  ['no signature', 401, 'SASL_AUTHENTICATION_FAILED', withToken(`kdt_${payload}.`), /malformed/],
  ['no claims', 401, 'SASL_AUTHENTICATION_FAILED', withToken(`kdt_.${signature}`)],
  ['a signature of nothing', 401, 'SASL_AUTHENTICATION_FAILED', withToken(`kdt_${payload}.${'A'.repeat(43)}`)],
  [
    'the signature of another token',
    401,
    'SASL_AUTHENTICATION_FAILED',
    async () => {
      const other = await made({ lifetime: '1m' })
      return withToken(`kdt_${payload}.${other.token.split('.')[1]}`)
    },
  ],
  ['a later end', 401, 'SASL_AUTHENTICATION_FAILED', withToken(changed({ expiresAtMs: clock.now() + 9e8 }))],
  ['the id of another key', 401, 'SASL_AUTHENTICATION_FAILED', withToken(changed({ keyId: theirs.key.id }))],
  ['more scopes', 401, 'SASL_AUTHENTICATION_FAILED', withToken(changed({ scopes: theirs.key.scopes }))],
  ['the hash of a key as signature', 401, 'SASL_AUTHENTICATION_FAILED', withToken(changed({}, mine.key.hashes[0]))],
  ['an algorithm of none', 401, 'SASL_AUTHENTICATION_FAILED', withToken(changed({ alg: 'none' }, ''))],
  ['claims that are no JSON', 401, 'SASL_AUTHENTICATION_FAILED', withToken(`kdt_bm90aGluZw.${signature}`)],
  ['a third part', 401, 'SASL_AUTHENTICATION_FAILED', withToken(`${whole.token}.${signature}`)],
  [
    'claims of thousands of letters',
    401,
    'SASL_AUTHENTICATION_FAILED',
    withToken(`kdt_${'A'.repeat(3000)}.${signature}`),
  ],
  ['the form of a key', 401, 'SASL_AUTHENTICATION_FAILED', withToken(whole.token.replace('kdt_', 'kdo_'))],
  [
    'another pepper',
    401,
    'SASL_AUTHENTICATION_FAILED',
    async () => withToken((await made({ pepper: otherPepper })).token),
  ],
  [
    'a key that was revoked',
    401,
    'SASL_AUTHENTICATION_FAILED',
    async () => withToken((await made({ key: revoked.key })).token),
    /revoked/,
  ],
  [
    'more than its key has now',
    403,
    'CLUSTER_AUTHORIZATION_FAILED',
    async () =>
      // The key had more scopes when it issued the token.
      withToken((await made({ key: { ...bare.key, scopes: mine.key.scopes } })).token),
  ],
  [
    'an age of an hour',
    401,
    'SASL_AUTHENTICATION_FAILED',
    async () => withToken((await made({ runtime: { clock: early, random: seededRandom(4) } })).token),
    /expired/,
  ],
  [
    'a time that is to come',
    401,
    'SASL_AUTHENTICATION_FAILED',
    async () => withToken((await made({ runtime: { clock: late, random: seededRandom(4) } })).token),
  ],
]

const asked = (body: object | string, key: { secret: string } = mine): string => request('/v1/tokens', body, { key })
const narrow = (name: string) => ({ scopes: [may('read', 'topic', name)] })
const asToken = async (body: object, options: Partial<CreateTokenOptions> = {}): Promise<string> =>
  asked(body, { secret: (await made(options)).token })

const issued: readonly Negative[] = [
  ['wider than its key', 403, 'CLUSTER_AUTHORIZATION_FAILED', asked(narrow('theirs')), /no scope for all of/],
  ['for every name', 403, 'CLUSTER_AUTHORIZATION_FAILED', asked(narrow('*'))],
  [
    'by a prefix shorter than that of its key',
    403,
    'CLUSTER_AUTHORIZATION_FAILED',
    asked({ scopes: [may('read', 'topic', 'min', 'prefix')] }),
  ],
  [
    'for another kind of thing',
    403,
    'CLUSTER_AUTHORIZATION_FAILED',
    asked({ scopes: [may('read', 'group', 'mine')] }, reader),
  ],
  [
    'for writing, by a key that reads',
    403,
    'CLUSTER_AUTHORIZATION_FAILED',
    asked({ scopes: [may('write', 'topic', 'mine')] }, reader),
  ],
  ['for anything, by a key without rights', 403, 'CLUSTER_AUTHORIZATION_FAILED', asked(narrow('mine'), bare)],
  ['by a token', 403, 'CLUSTER_AUTHORIZATION_FAILED', () => asToken({}), /issues no further tokens/],
  ['by a token, and narrower', 403, 'CLUSTER_AUTHORIZATION_FAILED', () => asToken(narrow('mine'))],
  ['of sixteen minutes', 400, 'INVALID_REQUEST', asked({ lifetime: '16m' }), /1 ms to 15 minutes/],
  ['of no time', 400, 'INVALID_REQUEST', asked({ lifetime: 0 })],
  ['of a negative time', 400, 'INVALID_REQUEST', asked({ lifetime: -1 })],
  ['of a time without end', 400, 'INVALID_REQUEST', asked('{"lifetime":1e999}')],
  ['of a word', 400, 'INVALID_REQUEST', asked({ lifetime: 'forever' })],
  [
    'with an operation that is none',
    400,
    'INVALID_REQUEST',
    asked({ scopes: [{ ...may('read', 'topic', 'mine'), operation: 'own' }] }),
  ],
  [
    'with a resource that is none',
    400,
    'INVALID_REQUEST',
    asked({ scopes: [{ ...may('read', 'topic', 'mine'), resource: 'cluster' }] }),
  ],
  [
    'with a pattern that is none',
    400,
    'INVALID_REQUEST',
    asked({ scopes: [{ ...may('read', 'topic', 'mine'), pattern: 'regex' }] }),
  ],
  [
    'with more scopes than fit',
    400,
    'INVALID_REQUEST',
    asked({ scopes: Array.from({ length: 201 }, () => may('read', 'topic', 'mine')) }),
  ],
  [
    'that would be longer than a header',
    400,
    'INVALID_REQUEST',
    asked({
      scopes: Array.from({ length: 150 }, (_, index) => may('read', 'topic', `mine-${'x'.repeat(50)}${index}`)),
    }),
    /fewer scopes/,
  ],
  ['with an option that is unknown', 400, 'INVALID_REQUEST', asked({ keyId: theirs.key.id })],
  ['from what is no object', 400, 'INVALID_REQUEST', asked('[]')],
  ['from what is no JSON', 400, 'INVALID_REQUEST', asked('{')],
  [
    'from a form',
    415,
    'INVALID_REQUEST',
    request('/v1/tokens', 'lifetime=5m', { type: 'Content-Type: application/x-www-form-urlencoded' }),
  ],
  ['by GET', 405, 'INVALID_REQUEST', request('/v1/tokens', null)],
]

const used: readonly Negative[] = [
  [
    'for a topic that it does not name',
    403,
    'TOPIC_AUTHORIZATION_FAILED',
    async () =>
      request(
        '/v1/metadata',
        { topics: ['mine-other'], allowAutoTopicCreation: false },
        { key: { secret: (await made(narrow('mine'))).token } },
      ),
  ],
  [
    'for a denial of its key',
    403,
    'TOPIC_AUTHORIZATION_FAILED',
    async () =>
      request(
        '/v1/metadata',
        { topics: ['mine-secret'], allowAutoTopicCreation: false },
        { key: { secret: (await made({ scopes: [may('read', 'topic', 'mine', 'prefix')] })).token } },
      ),
  ],
  [
    'for a group that it does not name',
    403,
    'GROUP_AUTHORIZATION_FAILED',
    async () =>
      request(
        '/v1/admin/delete-groups',
        { groups: ['mine-group'] },
        { key: { secret: (await made(narrow('mine'))).token } },
      ),
  ],
]

negatives('a token is refused that has', forged)
negatives('a token is not issued', issued)
negatives('a token is not good', used)
