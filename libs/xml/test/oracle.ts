import { SaxesParser } from 'saxes'
import type { Cell } from './harness.ts'

export interface XmlNode {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: (XmlNode | string)[]
}

/** The document's tree as saxes reads it, or its first error. */
export const saxesTree = (text: string): { readonly root: XmlNode } | { readonly error: string } => {
  const parser = new SaxesParser({ xmlns: false, position: false, forceXMLVersion: true, defaultXMLVersion: '1.0' })
  const top: XmlNode = { name: '', attributes: {}, children: [] }
  const open: XmlNode[] = [top]
  const addText = (piece: string): void => {
    if (open.length > 1) open.at(-1)!.children.push(piece)
  }
  let error: string | undefined
  parser.on('error', (problem) => {
    error ??= problem.message
  })
  parser.on('opentag', (tag) => {
    const node: XmlNode = { name: tag.name, attributes: { ...tag.attributes } as Record<string, string>, children: [] }
    open.at(-1)!.children.push(node)
    open.push(node)
  })
  parser.on('closetag', () => open.pop())
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.write(text).close()
  const root = top.children[0]
  if (error !== undefined) return { error }
  return typeof root === 'object' ? { root } : { error: 'no root' }
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1)
const matches = (step: string, name: string): boolean => (step.includes(':') ? step === name : step === local(name))
const isNode = (child: XmlNode | string): child is XmlNode => typeof child !== 'string'
const stringValue = (node: XmlNode): string =>
  node.children.map((child) => (isNode(child) ? stringValue(child) : child)).join('')

const select = (from: readonly XmlNode[], steps: readonly string[]): readonly XmlNode[] =>
  steps.reduce<readonly XmlNode[]>(
    (nodes, step) => nodes.flatMap((node) => node.children.filter(isNode).filter((child) => matches(step, child.name))),
    from,
  )

const firstValue = (node: XmlNode, path: string): string | undefined => {
  const steps = path.replace(/(.)\/\.$/, '$1').split('/')
  const last = steps.at(-1)!
  if (last === '.') return stringValue(node)
  if (!last.startsWith('@') && last !== 'text()') {
    const [first] = select([node], steps)
    return first === undefined ? undefined : stringValue(first)
  }
  const owners = select([node], steps.slice(0, -1))
  if (last === 'text()') return owners[0]?.children.filter((child) => !isNode(child)).join('')
  for (const owner of owners) {
    for (const [name, value] of Object.entries(owner.attributes)) {
      const declares = name.startsWith('xmlns:') && !last.includes(':')
      if (!declares && matches(last.slice(1), name)) return value
    }
  }
  return undefined
}

interface OracleSpec {
  readonly row: string
  readonly nested?: string | undefined
  readonly columns: readonly { readonly path: string; readonly level: 0 | 1 }[]
  readonly trim: boolean
  readonly emptyAsNull: boolean
}

/** What the scanner should give, worked out the slow way on a tree. */
export const oracleRows = (spec: OracleSpec, root: XmlNode): Cell[][] => {
  const cell = (node: XmlNode | undefined, path: string): Cell => {
    const raw = node === undefined ? undefined : firstValue(node, path)
    if (raw === undefined) return null
    const value = spec.trim ? raw.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '') : raw
    return value === '' && spec.emptyAsNull ? null : value
  }
  const top: XmlNode = { name: '', attributes: {}, children: [root] }
  return select([top], spec.row.slice(1).split('/')).flatMap((row) => {
    const nested = spec.nested === undefined ? [] : select([row], spec.nested.split('/'))
    const inner: readonly (XmlNode | undefined)[] = nested.length === 0 ? [undefined] : nested
    return inner.map((node) => spec.columns.map(({ path, level }) => cell(level === 0 ? row : node, path)))
  })
}
