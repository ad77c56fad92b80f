import { describe, expect, it } from 'vitest'
import { createRedactor, secretsOf } from '../../src/output/redact.ts'

describe('redaction', () => {
  it('knows secrets by their names and passwords by their place in an address', () => {
    const secrets = secretsOf({
      KAFKA_PASSWORD: 'hunter22',
      KAFKA: 'me:s3cret@host:9092',
      LAKE: 'file:///lake',
      pin: '12',
    })
    expect([...secrets].sort()).toEqual(['hunter22', 's3cret'])
  })

  it('masks every encoding of a secret', () => {
    const redact = createRedactor(['a b\'c"d'])
    for (const text of ['a b\'c"d', encodeURIComponent('a b\'c"d'), JSON.stringify('a b\'c"d'), "a b''c\"d"]) {
      expect(redact(`x ${text} y`)).not.toContain('b')
    }
  })

  it('masks the password of any address, known or not', () => {
    const redact = createRedactor([])
    expect(redact('cannot reach user:hunter22@broker:9092')).toBe('cannot reach user:••••@broker:9092')
    expect(redact("brokers 'https://u:p4ss@h/x'")).toBe("brokers 'https://u:••••@h/x'")
    expect(redact('mail me@example.org at 12:30')).toBe('mail me@example.org at 12:30')
  })
})
