/** Says that there is no such option, and which one may be meant. */
export function unknownOption(option: string, known: readonly string[]): string {
  const far = (name: string): number => distance(option.toLowerCase(), name.toLowerCase())
  const [nearest] = known.toSorted((left, right) => far(left) - far(right))
  const isNear = nearest !== undefined && far(nearest) <= Math.max(2, nearest.length / 2)
  return `there is no option '${option}'${isNear ? `; did you mean '${nearest}'?` : ''}`
}

/** How many letters have to be changed, added or left out to make one word of the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let line = 0; line < from.length; line++) {
    const next = [line + 1]
    for (let column = 0; column < to.length; column++) {
      const changed = (row[column] ?? 0) + (from[line] === to[column] ? 0 : 1)
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
