import { tmpdir } from 'node:os'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Report } from './report.ts'

/** The folder of the repository, with a separator at its end. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url))

const places = [root, `${tmpdir()}/`].flatMap((folder) => [pathToFileURL(folder).href, folder])
const ownPlaces = places.slice(0, 2)

/** A failure by its kind, its message and its causes, with the lines of the repository that it passed through. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return withoutPlaces(String(error))
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ +at /.test(line) && isOwn(line))
  const cause = error.cause === undefined ? [] : [`caused by ${failureText(error.cause)}`]
  return [withoutPlaces([`${error.name}: ${error.message}`, ...frames].join('\n')), ...cause].join('\n')
}

/** The text as every machine would write it: files are told from the repository's root or the temporary folder on. */
export function withoutPlaces(text: string): string {
  return places.reduce((left, place) => left.replaceAll(place, ''), text)
}

/** The report as every machine would write it. */
export function reportWithoutPlaces(report: Report): Report {
  const details = Object.entries(report.details).map(([name, text]) => [name, withoutPlaces(text)] as const)
  return { ...report, violations: report.violations.map(withoutPlaces), details: Object.fromEntries(details) }
}

function isOwn(frame: string): boolean {
  return ownPlaces.some((place) => frame.includes(place)) && !frame.includes('node_modules')
}
