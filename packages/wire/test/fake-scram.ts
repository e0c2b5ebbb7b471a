import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import type { SaslAnswer } from './fake-sasl.ts'

const iterations = 4096
const salt = Buffer.from('salt of the broker')
const serverNonce = 'nonce-of-the-broker'
const refusal = 'Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM'

/** A broker's half of SCRAM (RFC 5802), for one user. @param sign changes its proof that it knows the password too */
export function scramServer(
  hash: 'sha256' | 'sha512',
  username: string,
  password: string,
  sign = (signature: Buffer): Buffer => signature,
): (message: string) => SaslAnswer {
  const hmac = (key: Uint8Array, text: string): Buffer => createHmac(hash, key).update(text).digest()
  const salted = pbkdf2Sync(password, salt, iterations, hash === 'sha256' ? 32 : 64, hash)
  const storedKey = createHash(hash).update(hmac(salted, 'Client Key')).digest()
  /** The first messages of running exchanges, by both nonces. */
  const begun = new Map<string, string>()

  const first = (bare: string): SaslAnswer => {
    const [, name, clientNonce] = /^n=([^,]*),r=(.*)$/.exec(bare) ?? []
    if (name !== username) return { refusal }
    const nonce = `${clientNonce}${serverNonce}`
    const bytes = `r=${nonce},s=${salt.toString('base64')},i=${iterations}`
    begun.set(nonce, `${bare},${bytes}`)
    return { bytes }
  }

  return (message) => {
    if (message.startsWith('n,,')) return first(message.slice(3))
    const [, withoutProof = '', nonce = '', proof = ''] = /^(c=biws,r=([^,]*)),p=(.*)$/.exec(message) ?? []
    const signed = `${begun.get(nonce)},${withoutProof}`
    const clientSignature = hmac(storedKey, signed)
    const clientKey = Buffer.from(proof, 'base64').map((byte, index) => byte ^ (clientSignature[index] as number))
    if (!createHash(hash).update(clientKey).digest().equals(storedKey)) return { refusal }
    return { bytes: `v=${sign(hmac(hmac(salted, 'Server Key'), signed)).toString('base64')}` }
  }
}
