export interface StreamsOptions {
  application?: string | undefined
}
