/**
 * A text without its middle where it is long, so that an error which names what a client has sent does not send it
 * back: a long name may be in the refusals of thousands of partitions.
 */
export function shortened(text: string, mostCharacters: number): string {
  if (text.length <= mostCharacters) return text
  const kept = (mostCharacters - 1) / 2
  return `${text.slice(0, Math.ceil(kept))}…${text.slice(-Math.floor(kept))}`
}
