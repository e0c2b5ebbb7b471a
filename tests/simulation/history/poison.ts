/** How values end that nobody can decode or process who is not told to take them. */
const ending = '!'

export function poisoned(value: string): string {
  return value + ending
}

export function isPoison(value: string): boolean {
  return value.endsWith(ending)
}
