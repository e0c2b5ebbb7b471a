export interface StreamsApp {
  close(): Promise<void>
}
