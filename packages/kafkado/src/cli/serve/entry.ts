/** One thing to configure: an option, a variable of the environment, and an entry of the configuration file. */
export interface Entry {
  /**
   * Its name in the file, such as `maxBodyBytes`. The option is `--max-body-bytes`, the variable
   * `KAFKA_DO_MAX_BODY_BYTES`.
   */
  readonly name: string
  /**
   * - `switch`: an option without a value; `true` or `false` elsewhere
   * - `list`: with commas, or several times; an array in the file
   */
  readonly kind: 'text' | 'integer' | 'duration' | 'boolean' | 'switch' | 'choice' | 'list'
  /** What help calls the value. */
  readonly value?: string
  readonly choices?: readonly string[]
  readonly least?: number
  readonly most?: number
  /** Its default; without one, the engine or the server decides. */
  readonly fallback?: string | number | boolean
  readonly help: string
  /** What cannot be configured with it. */
  readonly excludes?: readonly string[]
}

export function optionOf(name: string): string {
  return `--${words(name).join('-')}`
}

export function variableOf(name: string): string {
  return `KAFKA_DO_${words(name).join('_').toUpperCase()}`
}

function words(name: string): string[] {
  return name.split(/(?=[A-Z])/).map((word) => word.toLowerCase())
}
