import { seededRandom } from '@kafkado/core'

/** A key as our producer takes it: text, or bytes. */
export type RandomKey = string | Uint8Array

/** Array.from takes a text apart between its characters; half of one would be no UTF-8. */
const alphabets = [
  Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/ '),
  Array.from('äöüßéèñçøæđłžčκλμбжпщ你好世界日本語한국어😀🦊𝄞\u{0}\u{301}\u{ffff}'),
]

/** Of 0 to 100 characters or bytes: a third each of ASCII, other text and bytes, and no two the same. */
export function randomKeys(count: number, seed: number): RandomKey[] {
  const random = seededRandom(seed)
  const below = (limit: number): number => Math.floor(random.next() * limit)
  const keys = new Map<string, RandomKey>()
  for (let index = 0; keys.size < count; index++) {
    // The first of each kind is empty.
    const length = index < 3 ? 0 : below(101)
    const alphabet = alphabets[index % 3]
    const key = alphabet
      ? Array.from({ length }, () => alphabet[below(alphabet.length)]).join('')
      : Uint8Array.from({ length }, () => below(256))
    keys.set(`${typeof key} ${Buffer.from(key as string).toString('hex')}`, key)
  }
  return [...keys.values()]
}
