/** A table as the formatter writes it: columns as wide as their widest cell. The first row is the heading. */
export function markdownTable(cells: readonly (readonly string[])[]): string {
  const [heading = [], ...rows] = cells
  const widths = heading.map((_, column) => Math.max(3, ...cells.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(heading), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n')
}
