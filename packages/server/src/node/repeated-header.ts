/** Two of them would let a proxy and the server understand a request differently. Node keeps the first, silently. */
const single = new Set(['authorization', 'host', 'content-type'])

/** The name of a header that the request has twice, although it may have only one. */
export function repeatedHeaderOf(rawHeaders: readonly string[]): string | undefined {
  let seen: string[] | undefined
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase()
    if (!single.has(name)) continue
    if (seen?.includes(name)) return name
    seen ??= []
    seen.push(name)
  }
  return undefined
}
