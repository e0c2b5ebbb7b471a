const packages = [
  '@kafkado/core',
  '@kafkado/producer',
  '@kafkado/consumer',
  '@kafkado/admin',
  '@kafkado/streams',
  '@kafkado/broker',
  '@kafkado/server',
  '@kafkado/wire',
  '@kafkado/testing',
  'kafkado',
]

/** What a process does from its start: a module, or arguments of the command line. `URL` and `FOLDER` are filled in. */
export type Subject = { readonly code: string } | { readonly command: readonly string[]; readonly input?: string }

export const bareNode = 'bare Node'

export const subjects: Readonly<Record<string, Subject>> = {
  [bareNode]: { code: '' },
  ...Object.fromEntries(packages.map((name) => [`import ${name}`, { code: `await import('${name}')` }])),
  ...firstRecord('memory:'),
  ...firstRecord('file:FOLDER'),
  ...firstRecord('URL'),
  'kafkado --version': { command: ['--version'] },
  'kafkado --help': { command: ['--help'] },
  'kafkado produce': { command: ['produce', 'orders', '--url', 'URL'], input: '{"amount":1}\n' },
}

function firstRecord(url: string): Record<string, Subject> {
  const produce = `
    const { createKafkaClient } = await import('kafkado')
    const kafka = createKafkaClient('${url}')
    await kafka.produce('orders', { amount: 1 })`
  const consume = `
    for await (const { value } of kafka.consume('orders', { offset: 'earliest' }).take(1))
      if (value.amount !== 1) throw new Error('another record')`
  const name = url === 'URL' ? 'http:' : url.replace('FOLDER', '')
  return { [`${name} produced`]: { code: produce }, [`${name} and consumed`]: { code: produce + consume } }
}
