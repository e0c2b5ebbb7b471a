/**
 * Cuts the middle out of a long string. An error that names a client's input must not send all of it back: one long
 * name could appear in thousands of refusals.
 */
export function shortened(text: string, mostCharacters: number): string {
  if (text.length <= mostCharacters) return text
  const kept = (mostCharacters - 1) / 2
  return `${text.slice(0, Math.ceil(kept))}…${text.slice(-Math.floor(kept))}`
}
