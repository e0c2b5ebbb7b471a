import { allOperations } from '@kafkado/core/internal'
import { asking, everyRequest } from '../place/every-request.ts'
import { bare, expired, foreign, mine, pepper, revoked, theirs } from '../place/keys.ts'
import { type Negative, negatives } from '../place/negatives.ts'
import { bearer, bytesOf, head, host, json, lengthOf, request } from '../place/raw-http.ts'

/** Who may ask at all. */

const [id, secret] = mine.secret.slice(4).split(/_(.*)/) as [string, string]
const body = '{"statesFilter":[],"typesFilter":[]}'
const listing = (...headers: string[]): string =>
  head('POST /v1/admin/list-groups HTTP/1.1', host, json, lengthOf(body), ...headers) + body
const withKey = (text: string): string => listing(`Authorization: Bearer ${bytesOf(text)}`)

const wrong: readonly Negative[] = [
  ['a basic login', 401, 'SASL_AUTHENTICATION_FAILED', listing('Authorization: Basic a2Rv'), /must be Bearer/],
  ['a digest', 401, 'SASL_AUTHENTICATION_FAILED', listing('Authorization: Digest username="mine"')],
  ['an empty header', 401, 'SASL_AUTHENTICATION_FAILED', listing('Authorization: ')],
  ['a bearer of nothing', 401, 'SASL_AUTHENTICATION_FAILED', listing('Authorization: Bearer ')],
  ['a key without its scheme', 401, 'SASL_AUTHENTICATION_FAILED', listing(`Authorization: ${mine.secret}`)],
  ['two keys in one header', 401, 'SASL_AUTHENTICATION_FAILED', listing(`${bearer(bare)}, ${mine.secret}`)],
  ['two words behind the scheme', 401, 'SASL_AUTHENTICATION_FAILED', listing(`${bearer()} ${bare.secret}`)],
  ['two headers', 400, 'INVALID_REQUEST', listing(bearer(bare), bearer(mine)), /more than one authorization/],
  ['the same header twice', 400, 'INVALID_REQUEST', listing(bearer(mine), bearer(mine))],
  [
    'a key in the URL',
    401,
    'SASL_AUTHENTICATION_FAILED',
    request(`/v1?api_key=${mine.secret}&access_token=${mine.secret}`, null, { key: null }),
  ],
  ['a key in a cookie', 401, 'SASL_AUTHENTICATION_FAILED', listing(`Cookie: authorization=${mine.secret}`)],
  ['a key in another header', 401, 'SASL_AUTHENTICATION_FAILED', listing(`X-Api-Key: ${mine.secret}`)],
  ['a key for a proxy', 401, 'SASL_AUTHENTICATION_FAILED', listing(`Proxy-Authorization: Bearer ${mine.secret}`)],
  [
    'a key as the request id',
    401,
    'SASL_AUTHENTICATION_FAILED',
    listing(`X-Request-Id: ${mine.secret}`, 'Authorization: Bearer kdo_1'),
  ],
  ['a key that is malformed', 401, 'SASL_AUTHENTICATION_FAILED', withKey('kdo_1'), /malformed/],
  ['an unknown id', 401, 'SASL_AUTHENTICATION_FAILED', withKey(`kdo_ffffffffffffffff_${secret}`), /not known/],
  ['an empty id', 401, 'SASL_AUTHENTICATION_FAILED', withKey(`kdo__${secret}`)],
  ['a wrong secret', 401, 'SASL_AUTHENTICATION_FAILED', withKey(`kdo_${id}_${'a'.repeat(43)}`), /its secret is wrong/],
  ['the secret of another key', 401, 'SASL_AUTHENTICATION_FAILED', withKey(`kdo_${id}_${theirs.secret.slice(-43)}`)],
  ['a secret that is cut off', 401, 'SASL_AUTHENTICATION_FAILED', withKey(mine.secret.slice(0, -1))],
  ['a secret with more behind it', 401, 'SASL_AUTHENTICATION_FAILED', withKey(`${mine.secret}A`)],
  ['a key in upper case', 401, 'SASL_AUTHENTICATION_FAILED', withKey(mine.secret.toUpperCase())],
  ['a secret in other case', 401, 'SASL_AUTHENTICATION_FAILED', withKey(`kdo_${id}_${swapCase(secret)}`)],
  ['a secret with padding', 401, 'SASL_AUTHENTICATION_FAILED', withKey(`${mine.secret}=`)],
  ['a secret of another alphabet', 401, 'SASL_AUTHENTICATION_FAILED', withKey(`kdo_${id}_${'+/'.repeat(21)}a`)],
  ['the stored hash as secret', 401, 'SASL_AUTHENTICATION_FAILED', withKey(`kdo_${id}_${mine.key.hashes[0]}`)],
  ['the pepper as secret', 401, 'SASL_AUTHENTICATION_FAILED', withKey(`kdo_${id}_${pepper.slice(0, 43)}`)],
  ['a key with bytes above ASCII', 401, 'SASL_AUTHENTICATION_FAILED', withKey(`kdo_${id}_${'é'.repeat(43)}`)],
  ['an id that is a name of Object', 401, 'SASL_AUTHENTICATION_FAILED', withKey(`kdo_constructor_${secret}`)],
  ['an id that is __proto__', 401, 'SASL_AUTHENTICATION_FAILED', withKey(`kdo___proto___${secret}`)],
  ['an id of thousands of letters', 401, 'SASL_AUTHENTICATION_FAILED', withKey(`kdo_${'a'.repeat(3000)}_${secret}`)],
  ['a key that has expired', 401, 'SASL_AUTHENTICATION_FAILED', withKey(expired.secret), /expired at/],
  ['a key of another pepper', 401, 'SASL_AUTHENTICATION_FAILED', withKey(foreign.secret), /not known/],
  ['a key that was revoked', 401, 'SASL_AUTHENTICATION_FAILED', withKey(revoked.secret), /not known/],
]

const names = { topics: ['mine'], group: 'mine-group', transactionalId: 'mine-id' }
const requests = everyRequest(names)
const without: readonly Negative[] = allOperations.map(({ name }) => [
  name,
  401,
  'SASL_AUTHENTICATION_FAILED',
  asking(name, requests[name] ?? {}, { key: null }),
  /needs an API key/,
])

negatives('a server with keys refuses', wrong)
negatives('without a key a server refuses', [
  ...without,
  ['GET of the capabilities', 401, 'SASL_AUTHENTICATION_FAILED', request('/v1', null, { key: null })],
  ['a token', 401, 'SASL_AUTHENTICATION_FAILED', request('/v1/tokens', {}, { key: null })],
])

function swapCase(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  )
}
