/** Rows in columns under their headings, with numbers to the right. */
export function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const texts = [headings.map((heading) => heading.toUpperCase()), ...rows.map((row) => row.map(String))]
  const widths = headings.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)))
  const isNumber = headings.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'))
  const line = (row: string[]): string =>
    row
      .map((text, column) =>
        isNumber[column] ? text.padStart(widths[column] as number) : text.padEnd(widths[column] as number),
      )
      .join('  ')
      .trimEnd()
  return texts.map(line).join('\n')
}
