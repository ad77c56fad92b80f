import { describe, expect, it } from 'vitest'
import { scanText, specOf } from './harness.ts'

const MALFORMED: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['only white space', ' \n'],
  ['only text', 'text'],
  ['a JSON message', '{"a":1}'],
  ['only a declaration', '<?xml version="1.0"?>'],
  ['text before the root', 'x<r/>'],
  ['text after the root', '<r/>x'],
  ['a reference after the root', '<r/>&#32;'],
  ['CDATA after the root', '<r/><![CDATA[x]]>'],
  ['a second root', '<r/><r/>'],
  ['a tag not closed', '<r><a></r>'],
  ['a tag closed by another', '<r><a></b></r>'],
  ['a longer closing name', '<r></rr>'],
  ['a shorter closing name', '<rr></r>'],
  ['closing tags crossed', '<r><a><b></a></b></r>'],
  ['a message cut in text', '<r>text'],
  ['a message cut in a start tag', '<r><a'],
  ['a message cut in an end tag', '<r></r'],
  ['a message cut in an attribute', '<r a="'],
  ['a message cut before a value', '<r a='],
  ['a message cut in a comment', '<r><!-- '],
  ['a message cut in CDATA', '<r><![CDATA[x]]'],
  ['a message cut in an instruction', '<r><?p x?'],
  ['an end tag with an attribute', '<r></r a="1">'],
  ['a blank before the name', '< r/>'],
  ['a blank before the closing name', '<r></ r>'],
  ['a name that starts with a digit', '<1r/>'],
  ['a name that starts with -', '<-r/>'],
  ['a multiplication sign in a name', '<r\u00d7/>'],
  ['a bad name in a subtree that nobody reads', '<r><skip><a$/></skip></r>'],
  ['an attribute twice', '<r a="1" a="2"/>'],
  ['an attribute twice among many', `<r ${Array.from({ length: 60 }, (_, i) => `a${i}="" `).join('')}a7=""/>`],
  ['an attribute without a value', '<r a/>'],
  ['an attribute without quotes', '<r a=1/>'],
  ['attributes without a blank between', '<r a="1"b="2"/>'],
  ['< in an attribute', '<r a="<"/>'],
  ['a bare & in an attribute', '<r a="&"/>'],
  ['an unknown entity in an attribute', '<r a="&nbsp;"/>'],
  ['a control character in an attribute', '<r a="\u0001"/>'],
  ['U+FFFE in an attribute', '<r a="\ufffe"/>'],
  ['/ not before >', '<r / >x</r>'],
  ['-- in a comment', '<r><!-- a -- b --></r>'],
  ['a comment that ends in --->', '<r><!-- a ---></r>'],
  [']]> in text', '<r>]]></r>'],
  ['CDATA in lower case', '<r><![cdata[x]]></r>'],
  ['a bare &', '<r>a & b</r>'],
  ['an entity without ;', '<r>&amp</r>'],
  ['an unknown entity', '<r>&nbsp;</r>'],
  ['an unknown entity in a subtree that nobody reads', '<r><skip>&x;</skip></r>'],
  ['a reference to NUL', '<r>&#0;</r>'],
  ['a reference to a control character', '<r>&#x1F;</r>'],
  ['a reference to a surrogate', '<r>&#xD800;</r>'],
  ['a reference to U+FFFF', '<r>&#xFFFF;</r>'],
  ['a reference past U+10FFFF', '<r>&#x110000;</r>'],
  ['a reference of 40 digits', `<r>&#${'9'.repeat(40)};</r>`],
  ['a reference without digits', '<r>&#;</r>'],
  ['a reference with X in upper case', '<r>&#X41;</r>'],
  ['a control character in text', '<r>\u0008</r>'],
  ['NUL in text', '<r>\u0000</r>'],
  ['U+FFFF in text', '<r>\uffff</r>'],
  ['U+FFFE in a comment', '<r><!--\ufffe--></r>'],
  ['a control character in CDATA', '<r><![CDATA[\u000b]]></r>'],
  ['a declaration after a blank', ' <?xml version="1.0"?><r/>'],
  ['a declaration inside', '<r><?xml version="1.0"?></r>'],
  ['an instruction called XML', '<r><?XML x?></r>'],
  ['an instruction without a target', '<r><? x?></r>'],
  ['a declaration without version', '<?xml encoding="UTF-8"?><r/>'],
  ['a declaration of version 2', '<?xml version="2.0"?><r/>'],
  ['standalone before encoding', '<?xml version="1.0" standalone="yes" encoding="UTF-8"?><r/>'],
  ['a declaration that is not closed', '<?xml version="1.0"><r/>'],
  ['an unknown declaration', '<r><!ELEMENT a ANY></r>'],
]

describe('input that is not well-formed', () => {
  it.each(MALFORMED)('%s is a fault', (_, text) => {
    expect(scanText(specOf('/r', ['a', '.']), text)).toMatchObject({ kind: 'fault', fault: 'malformed' })
    expect(scanText(specOf('/other/row', ['a']), text)).toMatchObject({ kind: 'fault', fault: 'malformed' })
  })

  it('refuses DOCTYPE with a fault of its own', () => {
    const bomb = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><r>&b;</r>'
    expect(scanText(specOf('/r', ['.']), bomb)).toEqual({
      kind: 'fault',
      fault: 'doctype',
      detail: 'the message has a DOCTYPE',
      at: 0,
    })
    expect(scanText(specOf('/r', ['.']), '<?xml version="1.0"?>\n<!DOCTYPE r><r/>')).toMatchObject({ fault: 'doctype' })
  })

  it('is not misled by the bytes behind the message', () => {
    // The harness puts > behind each message.
    expect(scanText(specOf('/r', ['.']), '<r>x</r')).toMatchObject({ kind: 'fault', at: 7 })
    expect(scanText(specOf('/r', ['.']), '<r/')).toMatchObject({ kind: 'fault' })
    expect(scanText(specOf('/r', ['.']), '<r/><!-- x --')).toMatchObject({ kind: 'fault' })
  })
})

const million = 1_000_000
const BOMBS: readonly (readonly [string, () => string, 'rows' | 'malformed' | 'limit'])[] = [
  ['10 MB of character references', () => `<r>${'&#65;'.repeat(2 * million)}</r>`, 'rows'],
  ['200,000 nested elements', () => '<r>'.repeat(200_000), 'limit'],
  ['an attribute of 50 MB', () => `<r a="${'x'.repeat(50 * million)}"/>`, 'limit'],
  ['200,000 attributes', () => `<r ${Array.from({ length: 200_000 }, (_, i) => `a${i}=""`).join(' ')}/>`, 'limit'],
  ['text of 50 MB', () => `<r>${'x'.repeat(50 * million)}</r>`, 'limit'],
  ['CDATA of 50 MB that is not closed', () => `<r><![CDATA[${'x'.repeat(50 * million)}`, 'limit'],
  ['CDATA of 10 MB that is not closed', () => `<r><![CDATA[${'x'.repeat(10 * million)}`, 'malformed'],
  ['10 MB of ]', () => `<r>${']'.repeat(10 * million)}</r>`, 'rows'],
  ['10 MB of blanks in a tag', () => `<r${' '.repeat(10 * million)}`, 'malformed'],
  ['16 elements of 999 attributes each, over and over', () => manyAttributes(), 'rows'],
  [
    'a parent value repeated beyond bounds',
    () => `<r><a>${'x'.repeat(million)}</a>${'<n/>'.repeat(1_000)}</r>`,
    'limit',
  ],
  ['more rows than allowed', () => `<r>${'<n/>'.repeat(million + 1)}</r>`, 'limit'],
]
const manyAttributes = (): string => {
  const attributes = Array.from({ length: 999 }, (_, i) => `attribute${i}="v"`).join(' ')
  return `<r>${`<a ${attributes}/>`.repeat(600)}</r>`
}

describe('bombs', () => {
  const spec = specOf('/r', [], {
    nested: 'n',
    columns: [
      { path: '@a', level: 0 },
      { path: '.', level: 0 },
      { path: '@b', level: 1 },
    ],
  })
  it.each(BOMBS)('%s: an answer within a second of CPU', (_, make, outcome) => {
    const text = make()
    const before = process.cpuUsage()
    const scanned = scanText(spec, text)
    // CPU time, since other tests may have the machine; encoding and copying the text are part of it.
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
    expect(scanned.kind === 'rows' ? 'rows' : scanned.fault).toBe(outcome)
  })
})
