import { parseXmlColumnPath, parseXmlNestedPath, parseXmlRowPath } from '@millrace/xml'
import { type JsonPathRole, parseJsonPath } from '../core/json-path.ts'

const parseXml = (role: JsonPathRole, path: string) => {
  if (role === 'row') return parseXmlRowPath(path)
  return role === 'nested' ? parseXmlNestedPath(path) : parseXmlColumnPath(path)
}

/** What is wrong with a path of a DecodePlan, as a sentence for the user, or undefined when it can be compiled. */
export const checkDecodePath = (kind: 'xml' | 'json', role: JsonPathRole, path: string): string | undefined => {
  const result = kind === 'xml' ? parseXml(role, path) : parseJsonPath(role, path)
  return result.kind === 'error' ? result.message : undefined
}
