import { fetchHttpClient, type HttpClient } from './http-client.ts'

export function createHttpClient(): HttpClient {
  return fetchHttpClient((input, init) => globalThis.fetch(input, init))
}
