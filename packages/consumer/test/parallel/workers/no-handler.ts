export const handler = 'there is no default export'
