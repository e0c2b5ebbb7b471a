/**
 * HMAC-SHA-256 of an API key with the server's pepper. Returns a promise only when the platform's cryptography needs
 * one.
 */
export type SecretHash = (secret: string) => Uint8Array | Promise<Uint8Array>

const encoder = new TextEncoder()

/** The hash for any runtime. In Node, the key file brings a faster one that stays within the turn of the event loop. */
export function hashWithWebCrypto(pepper: Uint8Array<ArrayBuffer>): SecretHash {
  const imported = crypto.subtle.importKey('raw', pepper, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return async (secret) => new Uint8Array(await crypto.subtle.sign('HMAC', await imported, encoder.encode(secret)))
}

export function equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  let difference = left.length ^ right.length
  for (let index = 0; index < right.length; index++) difference |= (left[index] ?? 0) ^ (right[index] as number)
  return difference === 0
}
