import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Authority {
  readonly certificate: string
  /** Of `certificate`. */
  readonly file: string
  /** A PEM file with key and certificate for a server with these alternative names, e.g. `IP:127.0.0.1`. */
  issue(name: string, alternativeNames: string): string
  /** Of one that was issued, apart. */
  read(name: string): { readonly cert: string; readonly key: string }
}

/** A certificate authority of a test's own, made by openssl in `folder`. */
export function makeAuthority(folder: string): Authority {
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const newKey = ['-newkey', 'rsa:2048', '-nodes', '-days', '2']
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test authority')
  return {
    certificate: readFileSync(join(folder, 'ca.pem'), 'utf8'),
    file: join(folder, 'ca.pem'),
    read: name => {
      const part = (extension: string) => readFileSync(join(folder, `${name}.${extension}`), 'utf8')
      return { cert: part('pem'), key: part('key') }
    },
    issue: (name, alternativeNames) => {
      openssl('req', ...newKey.slice(0, 3), '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
      writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${alternativeNames}\n`)
      const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`]
      openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signing)
      const file = join(folder, `${name}-all.pem`)
      const parts = [`${name}.key`, `${name}.pem`, 'ca.pem'].map(part => readFileSync(join(folder, part), 'utf8'))
      writeFileSync(file, parts.join(''))
      return file
    },
  }
}
