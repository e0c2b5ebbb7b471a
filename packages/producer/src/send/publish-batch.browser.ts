/** Browsers have no diagnostics_channel. A bundler removes calls of an empty function. */
export function publishBatch(): void {}
