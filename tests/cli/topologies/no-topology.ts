export const topology = 'nothing'
