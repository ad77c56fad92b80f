import { describe, expect, it } from 'vitest'
import { checkedRedirect, isForbiddenAddress } from '../../src/hdfs/redirect.ts'

const REMOTE = { protocol: 'http:', namenodes: ['nn1.example'], allowed: undefined }
const LOCAL = { protocol: 'http:', namenodes: ['127.0.0.1'], allowed: undefined }
const LISTED = { protocol: 'http:', namenodes: ['nn1.example'], allowed: ['dn1.example', '*.Rack2.example'] }
const redirect = (location: string, policy: Parameters<typeof checkedRedirect>[3]) =>
  checkedRedirect(location, 'http://nn1.example:9870', '/a/x+y', policy).href

describe('a redirect of a NameNode', () => {
  it('is followed to any host, with the path encoded anew and the query kept', () => {
    expect(redirect('http://dn7:9864/webhdfs/v1/a/x+y?op=CREATE&delegation=T', REMOTE)).toBe(
      'http://dn7:9864/webhdfs/v1/a/x%2By?op=CREATE&delegation=T',
    )
  })

  it('is followed on this machine when a NameNode is on it', () => {
    expect(redirect('http://localhost:9864/webhdfs/v1/a', LOCAL)).toContain('http://localhost:9864/')
  })

  it('is followed to the hosts of a list, and to the NameNodes', () => {
    for (const host of ['dn1.example', 'x.rack2.example', 'nn1.example']) {
      expect(redirect(`http://${host}:9864/webhdfs/v1/a`, LISTED)).toContain(host)
    }
  })

  const REFUSED = [
    ['http://dn2.example/webhdfs/v1/a', LISTED],
    ['http://rack2.example.evil/webhdfs/v1/a', LISTED],
    ['http://xrack2.example/webhdfs/v1/a', LISTED],
    ['https://dn7/webhdfs/v1/a', REMOTE],
    ['ftp://dn7/webhdfs/v1/a', REMOTE],
    ['http://user@dn7/webhdfs/v1/a', REMOTE],
    ['http://dn7/latest/meta-data', REMOTE],
    ['http://dn7/webhdfs/v1/../../x', REMOTE],
    ['http://', REMOTE],
    ['http://127.0.0.1/webhdfs/v1/a', REMOTE],
    ['http://localhost/webhdfs/v1/a', REMOTE],
    ['http://2130706433/webhdfs/v1/a', REMOTE],
    ['http://[::1]/webhdfs/v1/a', REMOTE],
    ['http://[::ffff:127.0.0.1]/webhdfs/v1/a', REMOTE],
    ['http://169.254.169.254/webhdfs/v1/a', REMOTE],
    ['http://0xa9fea9fe/webhdfs/v1/a', LOCAL],
    ['http://[::ffff:169.254.169.254]/webhdfs/v1/a', LOCAL],
    ['http://[fe80::1]/webhdfs/v1/a', LOCAL],
    ['http://[fd00:ec2::254]/webhdfs/v1/a', LOCAL],
    ['http://0.0.0.0/webhdfs/v1/a', LOCAL],
  ] as const
  it.each(REFUSED)('to %s is refused', (location, policy) => {
    expect(() => redirect(location, policy)).toThrow(expect.objectContaining({ kind: 'permission' }))
  })

  it('addresses that names must not lead to are told apart', () => {
    for (const bad of ['169.254.169.254', '::ffff:169.254.1.1', 'fe80::1', '0.0.0.0', '::', 'fd00:ec2::254']) {
      expect(isForbiddenAddress(bad), bad).toBe(true)
    }
    for (const good of ['10.0.0.1', '127.0.0.1', '::1', '2001:db8::1']) expect(isForbiddenAddress(good)).toBe(false)
  })
})
