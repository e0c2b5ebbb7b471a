import { Story } from './story.ts'

/**
 * Histories made by hand: those in which the anomaly has to be found, and it alone, and those that only look like it.
 */
export interface Examples {
  readonly kind: string
  readonly found: Readonly<Record<string, () => Story>>
  readonly legal: Readonly<Record<string, () => Story>>
}

/** A story that goes well, in the setting of all others. */
export function story(...setting: ConstructorParameters<typeof Story>): Story {
  return new Story(...setting)
}
