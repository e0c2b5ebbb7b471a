/** Says that there is no such option, and which one may be meant. */
export function unknownOption(option: string, known: readonly string[]): string {
  const [nearest] = known.toSorted((left, right) => distance(option, left) - distance(option, right))
  const isNear = nearest !== undefined && distance(option, nearest) <= Math.max(2, nearest.length / 2)
  return `there is no option '${option}'${isNear ? `; did you mean '${nearest}'?` : ''}`
}

/** How many letters have to be changed, added or left out to make one word of the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [line, letter] of [...from.toLowerCase()].entries()) {
    const next = [line + 1]
    for (const [column, other] of [...to.toLowerCase()].entries())
      next.push(
        Math.min((row[column] ?? 0) + (letter === other ? 0 : 1), (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1),
      )
    row = next
  }
  return row.at(-1) ?? 0
}
