/** The command of a script of package.json, through the one way in. */
export function script(name: string, ...words: string[]): string[] {
  return [process.execPath, 'scripts/bootstrap.mjs', name, ...words]
}
