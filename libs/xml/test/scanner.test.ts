import { describe, expect, it } from 'vitest'
import { ColumnArena, compileXml, XmlScanner } from '../src/index.ts'
import { makeScanner, readRows, rowsOf, scanText, specOf } from './harness.ts'

describe('XmlScanner', () => {
  it('gives one row per match, with values in any order and NULL for what is not there', () => {
    const text =
      '<library><book><title>A</title><author><name> N </name></author></book><x><book/></x>' +
      '<book id="7"><author><name/><country>C</country></author><title>B</title></book></library>'
    expect(rowsOf(specOf('/library/book', ['title', 'author/name', 'author/country', '@id']), text)).toEqual([
      ['A', 'N', null, null],
      ['B', null, 'C', '7'],
    ])
  })

  it('takes the first match where a path occurs twice in a row', () => {
    const text = '<r><b><a><y/></a><a><x>1</x></a><a><x>2</x></a><a i="3"/><a i="4"/></b></r>'
    expect(rowsOf(specOf('/r/b', ['a/x', 'a/@i']), text)).toEqual([['1', '3']])
  })

  it('takes all text below an element, or its own text, or that of the row', () => {
    const text = '<r><b>1<i>2<u>3</u></i>4<![CDATA[<5>]]>&#54;</b></r>'
    expect(rowsOf(specOf('/r', ['b', 'b/text()', 'b/i', '.', 'b/i/u']), text)).toEqual([
      ['1234<5>6', '14<5>6', '23', '1234<5>6', '3'],
    ])
  })

  it('finds rows anywhere under a // path, and none inside another row', () => {
    const text = '<r><s><b>1</b></s><b>2<t><b>3</b></t></b></r>'
    expect(rowsOf(specOf('//b', ['text()', 't/b']), text)).toEqual([
      ['1', null],
      ['2', '3'],
    ])
    expect(rowsOf(specOf('//b', ['.']), '<b>root</b>')).toEqual([['root']])
  })

  it('matches by local name, or by the literal qualified name when the step has a prefix', () => {
    const text = '<n:r xmlns:n="u" xmlns:i="v"><n:b n:i="1"><m:t>x</m:t><n:t>y</n:t></n:b><b><t>z</t></b></n:r>'
    expect(rowsOf(specOf('/r/b', ['t', 'n:t', '@i', '@n:i']), text)).toEqual([
      ['x', 'y', '1', '1'],
      ['z', null, null, null],
    ])
    expect(rowsOf(specOf('/n:r/n:b', ['t', '@n:i']), text)).toEqual([['x', '1']])
    expect(rowsOf(specOf('/r', ['@i', '@xmlns:i']), text)).toEqual([[null, 'v']])
  })

  it('keeps white space and empty values when told so', () => {
    const spec = specOf('/r', ['a', '@b', 'c', 'd'], { trim: false, emptyAsNull: false })
    expect(rowsOf(spec, '<r b=" 1\t"><a> x\r\ny\r</a><c/></r>')).toEqual([[' x\ny\n', ' 1 ', '', null]])
  })

  it('trims what references and CDATA bring too', () => {
    const text = '<r><a>&#32;<![CDATA[ ]]> v &#9;</a></r>'
    expect(rowsOf(specOf('/r', ['a']), text)).toEqual([['v']])
  })

  it('repeats parent columns per nested row, also those that come after it', () => {
    const spec = specOf('/r/o', [], {
      nested: 'lines/line',
      columns: [
        { path: '@id', level: 0 },
        { path: 'n', level: 1 },
        { path: 'total', level: 0 },
        { path: '@q', level: 1 },
      ],
    })
    const text =
      '<r><o id="1"><lines><line q="5"><n>a</n></line><line/></lines><lines><line><n>c</n></line></lines><total>9</total></o>' +
      '<o id="2"><total>8</total></o></r>'
    expect(rowsOf(spec, text)).toEqual([
      ['1', 'a', '9', '5'],
      ['1', null, '9', null],
      ['1', 'c', '9', null],
      ['2', null, '8', null],
    ])
  })

  it('counts rows without any column, and 0 where the row path matches nothing', () => {
    expect(rowsOf(specOf('/r/b', []), '<r><b/><b/></r>')).toHaveLength(2)
    expect(rowsOf(specOf('/r/b', ['x']), '<r><c/></r>')).toEqual([])
  })

  it('reads a byte order mark and the declaration, and refuses encodings other than UTF-8 and ASCII', () => {
    const spec = specOf('/r', ['.'])
    expect(rowsOf(spec, '\ufeff<?xml version="1.0" encoding="utf-8" standalone="yes"?><r>1</r>')).toEqual([['1']])
    expect(rowsOf(spec, `<?xml version='1.0' encoding='US-ASCII'?><r>1</r>`)).toEqual([['1']])
    expect(scanText(spec, '<?xml version="1.0" encoding="ISO-8859-1"?><r>1</r>')).toMatchObject({ fault: 'encoding' })
  })

  it('takes back every column of a message with a fault and goes on with the next', () => {
    const spec = specOf('/r/b', ['x', 'y', '.'])
    const { arenas, scanner } = makeScanner(spec)
    const scan = (text: string): number => {
      const bytes = new TextEncoder().encode(text)
      return scanner.scan(bytes, 0, bytes.length)
    }
    expect(scan('<r><b><x>1</x></b></r>')).toBe(1)
    expect(scan('<r><b><x>2</x></b><b><y>lost</y><x>3</z></b></r>')).toBe(-1)
    expect(scanner.fault).toEqual({ kind: 'malformed', detail: 'tag </z> closes <x>', at: 36 })
    expect(scan('<r><b><x>2')).toBe(-1)
    expect(scan('<r><b>t<y>4</y></b></r>')).toBe(1)
    expect(arenas.map((arena) => arena.rows)).toEqual([2, 2, 2])
    expect(readRows(arenas, 2)).toEqual([
      ['1', null, '1'],
      [null, '4', 't4'],
    ])
  })

  it('writes to other arenas after bind', () => {
    const compiled = compileXml(specOf('/r', ['.']))
    if (compiled.kind === 'error') throw new Error(compiled.message)
    const arenas = [0, 1].map(() => new ColumnArena((bytes) => new SharedArrayBuffer(bytes)))
    const scanner = new XmlScanner(compiled.program, [arenas[0]!])
    const bytes = new TextEncoder().encode('<r>v</r>')
    scanner.scan(bytes, 0, bytes.length)
    scanner.bind([arenas[1]!])
    scanner.scan(bytes, 0, bytes.length)
    expect(arenas.map((arena) => readRows([arena], arena.rows))).toEqual([[['v']], [['v']]])
  })

  it('finds a child among a thousand, whatever their order', () => {
    const names = Array.from({ length: 1_000 }, (_, i) => `c${i}`)
    const children = names.toReversed().map((name) => `<${name}>${name}</${name}>`)
    expect(rowsOf(specOf('/r', names), `<r>${children.join('')}</r>`)).toEqual([names])
  })
})
