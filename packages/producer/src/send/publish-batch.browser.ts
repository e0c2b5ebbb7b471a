/** Browsers have no diagnostics_channel. A bundler leaves calls of an empty function out. */
export function publishBatch(): void {}
