import { isIP } from 'node:net'
import { StorageError } from '../port.ts'
import { encodedPath, WEBHDFS_PREFIX } from './url.ts'

export interface RedirectPolicy {
  /** `http:` or `https:`, as the NameNodes have it: a redirect never changes it. */
  readonly protocol: string
  /** Host names of the NameNodes. */
  readonly namenodes: readonly string[]
  /** Undefined: any host that is not forbidden. */
  readonly allowed: readonly string[] | undefined
}

const LOOPBACK = /^(?:localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\])$/
/** The addresses from which clouds hand out credentials, and those that mean "this host". */
const FORBIDDEN =
  /^(?:169\.254\.\d+\.\d+|0\.0\.0\.0|\[::\]|\[fe[89ab][0-9a-f]:.*\]|\[fd00:ec2::254\]|\[::ffff:a9fe:.*\])$/

/**
 * Where a NameNode sends the data, checked: the same scheme, an allowed host, no user, WebHDFS's own prefix. The path
 * is replaced by our own encoding of what was asked for, since servers leave `+` and `;` as they are, which others
 * decode to something else; the query (with the cluster's own token for that DataNode) is kept, and nothing of ours is
 * added. Throws StorageError `permission`.
 */
export function checkedRedirect(location: string, base: string, absolute: string, policy: RedirectPolicy): URL {
  let url: URL
  try {
    url = new URL(location, base)
  } catch (cause) {
    throw refused(absolute, 'something that is not a URL', cause)
  }
  if (url.protocol !== policy.protocol) throw refused(absolute, `${url.protocol}//${url.host}, another scheme`)
  if (url.username !== '' || url.password !== '') throw refused(absolute, `${url.host} with a user in the URL`)
  if (!url.pathname.startsWith(`${WEBHDFS_PREFIX}/`)) throw refused(absolute, `${url.host} outside of WebHDFS`)
  const reason = hostFault(url.hostname.toLowerCase(), policy)
  if (reason !== undefined) throw refused(absolute, `${url.host}, ${reason}`)
  url.pathname = `${WEBHDFS_PREFIX}${encodedPath(absolute)}`
  return url
}

/** True for IP addresses (as sockets have them) that no name may lead to either. */
export function isForbiddenAddress(address: string): boolean {
  const plain = address.toLowerCase()
  if (plain.startsWith('::ffff:169.254.')) return true
  return FORBIDDEN.test(isIP(plain) === 6 ? `[${plain}]` : plain)
}

function hostFault(host: string, policy: RedirectPolicy): string | undefined {
  if (policy.namenodes.includes(host)) return undefined
  if (policy.allowed !== undefined) {
    const listed = policy.allowed.some((pattern) => matches(host, pattern.toLowerCase()))
    return listed ? undefined : 'which is not in the list of allowed hosts'
  }
  if (FORBIDDEN.test(host)) return 'a link-local or unspecified address'
  if (LOOPBACK.test(host) && !policy.namenodes.some((name) => LOOPBACK.test(name))) {
    return "this machine, where no NameNode is (allow it if it is the cluster's)"
  }
  return undefined
}

function matches(host: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern
}

function refused(absolute: string, whereto: string, cause?: unknown): StorageError {
  const message = `the NameNode redirects ${JSON.stringify(absolute)} to ${whereto}: refused`
  return new StorageError('permission', absolute, message, cause)
}
