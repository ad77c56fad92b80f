import type { Span } from '../core/diagnostics.ts'
import type { CreateSinkNode, CreateTableNode } from '../sql/ast.ts'
import type { BoundSelect } from './bind-select.ts'
import type { BoundStream } from './bind-stream.ts'
import { METADATA_COLUMNS } from './consumption-plan.ts'
import { nameKey } from './identifier.ts'
import type { Column } from './program.ts'

export interface BoundView {
  readonly kind: 'view'
  readonly name: string
  readonly select: BoundSelect
  readonly span: Span
}
export interface BoundTable {
  readonly kind: 'table'
  readonly name: string
  readonly node: CreateTableNode
  readonly location: string
  readonly partitionBy: readonly string[]
  /** Declared columns with their bound types; undefined where the INSERT decides. */
  readonly columns: readonly Column[] | undefined
  readonly compression: 'snappy' | 'zstd' | 'gzip' | 'uncompressed'
  readonly targetFileBytes: number
  readonly rowGroupRows: number
}
export interface BoundSink {
  readonly kind: 'sink'
  readonly name: string
  readonly node: CreateSinkNode
  readonly sink: 'console' | 'memory'
  readonly rowsMax?: number
}
export type Definition = BoundStream | BoundView | BoundTable | BoundSink

export const METADATA_NAMES = Object.keys(METADATA_COLUMNS) as readonly (keyof typeof METADATA_COLUMNS)[]

/** What a file has defined so far, by name. All kinds share one name space. */
export class Catalog {
  readonly #definitions = new Map<string, Definition>()
  readonly #broken = new Set<string>()

  get(name: string): Definition | undefined {
    return this.#definitions.get(nameKey(name))
  }

  set(definition: Definition): void {
    this.#definitions.delete(nameKey(definition.name))
    this.#definitions.set(nameKey(definition.name), definition)
  }

  /** Marks a name whose definition has mistakes: what refers to it need not be reported as well. */
  setBroken(name: string): void {
    this.#broken.add(nameKey(name))
  }

  isBroken(name: string): boolean {
    return this.#broken.has(nameKey(name)) && this.get(name) === undefined
  }

  /** Definitions of one kind in the order of writing. */
  all<K extends Definition['kind']>(kind: K): readonly Extract<Definition, { kind: K }>[] {
    return [...this.#definitions.values()].filter((d): d is Extract<Definition, { kind: K }> => d.kind === kind)
  }

  stream(name: string): BoundStream | undefined {
    const definition = this.get(name)
    return definition?.kind === 'stream' ? definition : undefined
  }

  isReadable(name: string): boolean {
    const kind = this.get(name)?.kind
    return kind === 'stream' || kind === 'view'
  }

  readableNames(): readonly string[] {
    return [...this.all('stream'), ...this.all('view')].map(({ name }) => name)
  }

  columnNames(): readonly string[] {
    return [
      ...new Set(
        [...this.all('stream'), ...this.all('view').map(({ select }) => select)].flatMap(({ columns }) =>
          (columns as readonly { readonly name: string }[]).map(({ name }) => name),
        ),
      ),
    ]
  }
}
