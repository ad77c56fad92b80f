import { type LookupAddress, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isForbiddenAddress } from './redirect.ts'

/** A name must not lead where a redirect may not: names can be made to point at the cloud's own addresses. */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, options, (error, found: string | LookupAddress[], family) => {
    const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address)
    if (error === null && addresses.some(isForbiddenAddress)) {
      const message = 'the name leads to a link-local or unspecified address'
      const refused = Object.assign(new Error(message), { code: 'ERR_MILLRACE_FORBIDDEN_ADDRESS' })
      callback(refused, found, family)
      return
    }
    callback(error, found, family)
  })
}
