import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Files in PEM form. They are made for one cluster, and nobody else trusts them. */
export interface Certificates {
  /** The certificate of the authority which signed all others. */
  readonly caFile: string
  /** The brokers' key and certificate in one file, as Kafka wants them. */
  readonly brokerFile: string
  readonly clientCertificateFile: string
  readonly clientKeyFile: string
}

/** Of our own, because those of the systems differ. */
const openSslSettings = `
[req]
distinguished_name = name
prompt = no
[name]
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
[broker]
subjectAltName = DNS:localhost, IP:127.0.0.1
[client]
extendedKeyUsage = clientAuth
`

/** Makes an authority and what it signs for the brokers and a client, unless the folder has them already. */
export function makeCertificates(folder: string): Certificates {
  const file = (name: string): string => join(folder, name)
  const certificates = {
    caFile: file('ca.pem'),
    brokerFile: file('broker.pem'),
    clientCertificateFile: file('client.pem'),
    clientKeyFile: file('client-key.pem'),
  }
  // The one that is made last.
  if (existsSync(certificates.brokerFile)) return certificates
  mkdirSync(folder, { recursive: true })
  writeFileSync(file('openssl.cnf'), openSslSettings)
  makeAuthority(folder)
  makeSigned(folder, 'client')
  makeSigned(folder, 'localhost', 'broker')
  const parts = ['localhost-key.pem', 'localhost.pem'].map((name) => readFileSync(file(name), 'utf8'))
  writeFileSync(certificates.brokerFile, parts.join(''))
  return certificates
}

const days = ['-days', '3650']
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

function makeAuthority(folder: string): void {
  const subject = ['-subj', '/CN=kafkado test authority', '-extensions', 'authority']
  openSsl(folder, ['req', '-x509', ...newKey, ...subject, ...days, '-keyout', 'ca-key.pem', '-out', 'ca.pem'])
}

/** Makes NAME-key.pem and NAME.pem. */
function makeSigned(folder: string, name: string, extensions = name): void {
  const request = `${name}-request.pem`
  openSsl(folder, ['req', '-new', ...newKey, '-subj', `/CN=${name}`, '-keyout', `${name}-key.pem`, '-out', request])
  const authority = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial']
  const contents = ['-extfile', 'openssl.cnf', '-extensions', extensions]
  openSsl(folder, ['x509', '-req', '-in', request, ...authority, ...contents, ...days, '-out', `${name}.pem`])
}

function openSsl(folder: string, args: readonly string[]): void {
  const env = { ...process.env, OPENSSL_CONF: join(folder, 'openssl.cnf') }
  execFileSync('openssl', args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] })
}
