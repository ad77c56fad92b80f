import { describe, expect, it } from 'vitest'
import { fuzzJson } from '../../../fuzz/json-fuzz.ts'
import { makeScanner, readRows, scanText, specOf } from './harness.ts'

describe('JsonScanner', () => {
  it('gives strings decoded, numbers as written, null as NULL, and objects and arrays as they stand', () => {
    const text =
      '{"s":"a\\n\\u00e9\\ud83d\\ude00é","n":-1.50e+03,"t":true,"f":false,"z":null,"o":{ "x":1 },"a":[ 1, 2]}'
    expect(scanText(specOf('$', ['s', 'n', 't', 'f', 'z', 'o', 'a', 'missing']), text)).toEqual([
      ['a\né😀é', '-1.50e+03', 'true', 'false', null, '{ "x":1 }', '[ 1, 2]', null],
    ])
    const big = '123456789012345678901234567890.10'
    expect(scanText(specOf('$', ['n']), `{"n":${big}}`)).toEqual([[big]])
  })

  it('reads every form of path', () => {
    const text = '{"author":{"name":"N"},"tags":["a",["b"],{"c":3}],"odd key":1,"a.b":2,"it\'s":4}'
    const paths = ['$.author.name', 'author.name', '$.tags[0]', 'tags[1][0]', '$.tags[2].c', "$['odd key']", '$["a.b"]']
    expect(scanText(specOf('$', [...paths, "$['it\\'s']", 'odd key']), text)).toEqual([
      ['N', 'N', 'a', 'b', '3', '1', '2', '4', '1'],
    ])
    expect(scanText(specOf('$', ['$', 'author']), '{"author":{"name":"N"}}')).toEqual([
      ['{"author":{"name":"N"}}', '{"name":"N"}'],
    ])
  })

  it('gives one row per element of the row path', () => {
    const text = '{"id":1,"items":[{"a":1},{"a":"2","b":3},7,null,[]],"more":{"items":[{"a":9}]}}'
    expect(scanText(specOf('$.items[*]', ['a', 'b']), text)).toEqual([
      ['1', null],
      ['2', '3'],
      [null, null],
      [null, null],
      [null, null],
    ])
    expect(scanText(specOf('$.more.items[*]', ['$.a']), text)).toEqual([['9']])
    expect(scanText(specOf('$.nothing[*]', ['a']), text)).toEqual([])
    expect(scanText(specOf('$.tags[*]', ['$']), '{"tags":["x","y"]}')).toEqual([['x'], ['y']])
  })

  it('takes a bare array as its elements, and an object as the one element of [*]', () => {
    for (const row of ['$', '$[*]']) {
      expect(scanText(specOf(row, ['a']), '[{"a":1},{"a":2}]')).toEqual([['1'], ['2']])
      expect(scanText(specOf(row, ['a']), ' {"a":1}\n')).toEqual([['1']])
    }
    expect(scanText(specOf('$.items[*]', ['a']), '{"items":{"a":1}}')).toEqual([['1']])
    expect(scanText(specOf('$', ['$', '$[1]']), '[[1,2],3]')).toEqual([
      ['[1,2]', '2'],
      ['3', null],
    ])
    expect(scanText(specOf('$', ['$']), '3')).toEqual([])
  })

  it('repeats parent columns per nested row, also those that come after it', () => {
    const spec = specOf('$[*]', [], {
      nested: '$.lines[*]',
      columns: [
        { path: 'id', level: 0 },
        { path: 'n', level: 1 },
        { path: '$.lines[0].n', level: 0 },
      ],
    })
    const text = '[{"lines":[{"n":1},{"n":2}],"id":"a"},{"id":"b"},{"id":"c","lines":[]},{"id":"d","lines":null}]'
    expect(scanText(spec, text)).toEqual([
      ['a', '1', '1'],
      ['a', '2', '1'],
      ['b', null, null],
      ['c', null, null],
      ['d', null, null],
    ])
  })

  it('lets the last of repeated keys count, with all that was below it', () => {
    expect(scanText(specOf('$', ['a', 'b.c']), '{"a":1,"b":{"c":1},"a":"\\u0032","b":{}}')).toEqual([['2', null]])
    expect(scanText(specOf('$', ['a']), '{"a":1,"\\u0061":null}')).toEqual([[null]])
    expect(scanText(specOf('$.i[*]', ['a']), '{"i":[{"a":1},{"a":2}],"i":[{"a":3}]}')).toEqual([['3']])
    const nested = specOf('$', [], {
      nested: 'l[*]',
      columns: [
        { path: 'id', level: 0 },
        { path: 'n', level: 1 },
      ],
    })
    expect(scanText(nested, '{"id":7,"l":[{"n":1},{"n":2}],"l":[{"n":3}]}')).toEqual([['7', '3']])
  })

  it('trims and turns empty strings into NULL when told so', () => {
    const spec = specOf('$', ['a', 'b', 'c'], { trim: true, emptyAsNull: true })
    expect(scanText(spec, '{"a":" x ","b":" \\t ","c":"\\ny"}')).toEqual([['x', null, 'y']])
  })

  it('takes back every column of a message with a fault and goes on with the next', () => {
    const { arenas, scanner } = makeScanner(specOf('$[*]', ['a', 'b']))
    const scan = (text: string): number => {
      const bytes = new TextEncoder().encode(text)
      return scanner.scan(bytes, 0, bytes.length)
    }
    expect(scan('{"a":1}')).toBe(1)
    expect(scan('[{"a":2},{"b":3,]')).toBe(-1)
    expect(scanner.fault).toEqual({ kind: 'malformed', detail: 'no key where one is due', at: 16 })
    expect(scan('{"b":4}')).toBe(1)
    expect(readRows(arenas, 2)).toEqual([
      ['1', null],
      [null, '4'],
    ])
    expect(arenas.map((arena) => arena.rows)).toEqual([2, 2])
  })

  it.each([
    ...['', ' ', '{', '}', '[', '[1', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '[1,]', '[,1]', '{,}', '{1:2}'],
    ...[
      'NaN',
      'Infinity',
      '-',
      '+1',
      '01',
      '-01',
      '1.',
      '.5',
      '1e',
      '1e+',
      '0x1',
      '1_0',
      'tru',
      'True',
      'nul',
      'undefined',
    ],
    ...["'a'", '"a', '"a\\"', '"\\x"', '"\\u12"', '"\\u12G4"', '"\t"', '"\u0000"', '"\\ud800"', '"\\udc00\\ud800"'],
    ...[
      '{"a":1}{"b":2}',
      '1 2',
      '{"a":1}x',
      '[1}',
      '{"a":1]',
      '{"a" 1}',
      '{"a":1 "b":2}',
      '/**/1',
      '\u00a01',
      '{"\\q":1}',
    ],
    ...['{"a":1', '[[1]', '"', '-1 -', 'nulll', '{"a":"\\ud83d\\u0041"}'],
  ])('faults on %j', (text) => {
    expect(scanText(specOf('$', ['a']), text)).toMatchObject({ kind: 'malformed', detail: expect.any(String) })
    expect(scanText(specOf('$.x.y[*]', ['b']), text)).toMatchObject({ kind: 'malformed' })
  })

  it('answers bombs within a second of CPU, by limits', () => {
    const nested = specOf('$', [], {
      nested: 'l[*]',
      columns: [
        { path: 'v', level: 0 },
        { path: 'n', level: 1 },
      ],
    })
    const bombs: readonly (readonly [string, unknown])[] = [
      ['['.repeat(1_000_000), { kind: 'limit' }],
      ['{"a":'.repeat(300), { kind: 'limit' }],
      [`{"v":"${'x'.repeat(1_000_000)}","l":[${'{},'.repeat(1_000)}{}]}`, { kind: 'limit' }],
      [`{"l":[${'1,'.repeat(100_000)}1]}`, { kind: 'limit' }],
      [`{"v":"${'\\u0041'.repeat(1_500_000)}"}`, { length: 1 }],
      [`{"v":"${'x'.repeat(16_000_000)}`, { kind: 'malformed' }],
      [`{${'"v":1,'.repeat(1_000_000)}"v":2}`, [['2', null]]],
    ]
    for (const [text, wanted] of bombs) {
      const before = process.cpuUsage()
      const got = scanText(nested, text)
      expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
      expect(got).toMatchObject(wanted as object)
    }
  })

  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000_000)
  it(`agrees with JSON.parse on mutated messages (SEED=${seed} npx vitest run --project engine json/scanner)`, () => {
    const { accepted, rejected } = fuzzJson(8_000, seed)
    expect(accepted).toBeGreaterThan(800)
    expect(rejected).toBeGreaterThan(800)
  })
})
