/** For what a reader of the results must not overlook. */
export function sayLoudly(...lines: readonly string[]): void {
  const bar = '!'.repeat(Math.max(...lines.map(({ length }) => length)))
  console.log(`\n${[bar, ...lines, bar].join('\n')}`)
}
