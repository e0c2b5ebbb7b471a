import { answerQuery } from '../../../packages/streams/src/app/queries/query-handler.ts'
import { expect, type Target } from '../target.ts'

const decoder = new TextDecoder()
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** The path and query of a request for a store, as other members and users of the application send it. */
export const streamQueries: Target = {
  name: 'stream-queries',
  sources: ['streams/src/app/queries/query-handler'],
  seeds: [
    '/stores/totals?key=YQ',
    '/x/stores/a%20b?key=&from=5&to=9',
    '/stores/t',
    '/',
    '/stores/t?key=YQ&from=-1',
  ].map(text),
  words: ['/stores/', '?key=', '&from=', '&to=', '%', '%2F', 'NaN', '1e999', '=', '-_'],
  async run(input) {
    let request: Request
    try {
      request = new Request(`http://member${decoder.decode(input)}`)
    } catch {
      return undefined
    }
    const response = await answerQuery(
      request,
      ({ key, from, to }) => {
        expect(key === undefined || key instanceof Uint8Array, 'the key is no bytes')
        for (const bound of [from, to]) expect(bound === undefined || !Number.isNaN(bound), 'a bound is no number')
        return Promise.resolve([])
      },
      undefined,
    )
    expect([200, 400, 404, 503].includes(response.status), `the status is ${response.status}`)
    const body = (await response.json()) as Record<string, unknown>
    expect(response.status === 200 || typeof body['detail'] === 'string', 'a refusal says nothing')
    return response.status
  },
}
