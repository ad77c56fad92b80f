import type { FileNode, ImportNode, StatementNode } from '../sql/ast.ts'
import type { CompilePorts } from './compile.ts'
import { folderOf, resolvePath } from './location.ts'
import type { Problems } from './problems.ts'

const DEFINITIONS: ReadonlySet<StatementNode['kind']> = new Set([
  'create_stream',
  'create_stream_as',
  'create_table',
  'create_sink',
])

interface Expansion {
  readonly ports: Pick<CompilePorts, 'readFile' | 'parse'>
  readonly problems: Problems
  readonly files: FileNode[]
  readonly done: Set<string>
}

const expand = async (
  node: ImportNode,
  path: string,
  chain: readonly string[],
  expansion: Expansion,
): Promise<readonly StatementNode[]> => {
  const { ports, problems, files, done } = expansion
  if (chain.includes(path)) {
    problems.error(
      'ENG_SQL_IMPORT',
      node.span,
      `${node.path} imports itself, by way of ${chain.length} file${chain.length > 1 ? 's' : ''}`,
    )
    return []
  }
  if (done.has(path)) return []
  done.add(path)
  const text = await ports.readFile(path)
  if (text === undefined) {
    problems.error('ENG_SQL_IMPORT', node.span, `${node.path} cannot be read`)
    return []
  }
  const parsed = ports.parse(text, path)
  problems.addAll(parsed.diagnostics, parsed.hasMore === true)
  files.push(parsed.file)
  return definitionsOf(parsed.file, path, [...chain, path], expansion)
}

const definitionsOf = async (file: FileNode, path: string, chain: readonly string[], expansion: Expansion) => {
  const statements: StatementNode[] = []
  for (const node of file.statements) {
    if (node.kind === 'import')
      statements.push(...(await expand(node, resolvePath(folderOf(path), node.path), chain, expansion)))
    else if (DEFINITIONS.has(node.kind)) statements.push(node)
  }
  return statements
}

/** The statements with each IMPORT replaced by its file's definitions. A file counts once; cycles are refused. */
export const expandImports = async (
  file: FileNode,
  ports: Pick<CompilePorts, 'readFile' | 'parse'>,
  cwd: string,
  problems: Problems,
): Promise<{ readonly statements: readonly StatementNode[]; readonly files: readonly FileNode[] }> => {
  const path = resolvePath(cwd, file.file)
  const expansion: Expansion = { ports, problems, files: [file], done: new Set() }
  const statements: StatementNode[] = []
  for (const node of file.statements) {
    if (node.kind !== 'import') statements.push(node)
    else statements.push(...(await expand(node, resolvePath(folderOf(path), node.path), [path], expansion)))
  }
  return { statements, files: expansion.files }
}
