import { describe, expect, it } from 'vitest'
import { answerError, networkError } from '../../src/hdfs/errors.ts'

const ASKED = { operation: 'write', path: '/lake/x', host: 'nn1:9870', secret: 'T0K3N' }
const remote = (exception: string, message = 'because') =>
  answerError(ASKED, 403, JSON.stringify({ RemoteException: { exception, message } }), '')

const KINDS: readonly (readonly [string, string, string])[] = [
  ['AccessControlException', 'Permission denied: user=alice', 'permission'],
  ['AccessControlException', '/t/a (is not a directory)', 'invalid_path'],
  ['FileNotFoundException', 'File does not exist: /x', 'not_found'],
  ['FileAlreadyExistsException', 'rename destination /x already exists', 'exists'],
  ['SafeModeException', 'Cannot create file. Name node is in safe mode.', 'unavailable'],
  ['RetriableException', 'NameNode still not started', 'unavailable'],
  ['StandbyException', 'Operation category READ is not supported in state standby', 'unavailable'],
  ['DSQuotaExceededException', 'The DiskSpace quota of /x is exceeded', 'no_space'],
  ['NSQuotaExceededException', 'The NameSpace quota of /x is exceeded', 'no_space'],
  ['ParentNotDirectoryException', '/t/a (is not a directory)', 'invalid_path'],
  ['IllegalArgumentException', 'Invalid value for webhdfs parameter "op": FOO', 'not_supported'],
  ['InvalidToken', 'token is expired', 'permission'],
  [
    'IOException',
    'File /x could only be written to 0 of the 1 minReplication nodes. ' +
      'There are 3 datanode(s) running and no node(s) are excluded in this operation.',
    'no_space',
  ],
  [
    'IOException',
    'File /x could only be written to 0 of the 1 minReplication nodes. ' +
      'There are 0 datanode(s) running and 0 node(s) are excluded in this operation.',
    'unavailable',
  ],
  ['SomethingNewException', 'who knows', 'unavailable'],
]

describe('an error of WebHDFS', () => {
  it.each(KINDS)('%s: %s', (exception, message, kind) => {
    expect(remote(exception, message)).toMatchObject({ kind, exception, path: '/lake/x', uncertain: false })
  })

  it('says one line, and no token', () => {
    const error = remote('IOException', 'delegation=T0K3N\n\tat java.lang.Thread.run')
    expect(error.message).toBe('cannot write "/lake/x": nn1:9870 says: IOException: delegation=***')
  })

  it('names Kerberos as what is lacking', () => {
    expect(answerError(ASKED, 401, '', 'Negotiate')).toMatchObject({ kind: 'permission' })
    expect(answerError(ASKED, 401, '', 'Negotiate').message).toContain('Kerberos (SPNEGO), which is not supported')
  })

  it('of something in between is uncertain unless it says that it did not pass the request on', () => {
    expect(answerError(ASKED, 502, '<html>', '')).toMatchObject({ kind: 'unavailable', uncertain: true })
    expect(answerError(ASKED, 503, '', '')).toMatchObject({ kind: 'unavailable', uncertain: false })
    expect(answerError(ASKED, 429, '', '')).toMatchObject({ kind: 'throttled', uncertain: false })
  })

  it('without an answer is certain only when no connection came about', () => {
    const failure = (code: string) => networkError(ASKED, Object.assign(new Error(code), { code }))
    expect(failure('ECONNREFUSED')).toMatchObject({ kind: 'unavailable', uncertain: false })
    expect(networkError(ASKED, new AggregateError([failure('x'), failure('y')])).uncertain).toBe(true)
    for (const code of ['ECONNRESET', 'ETIMEDOUT', 'EPIPE']) expect(failure(code).uncertain).toBe(true)
  })
})
