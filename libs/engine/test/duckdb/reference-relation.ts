import { DuckDBVarCharVector } from '@duckdb/node-api'
import duckdb, { type Vector } from '@duckdb/node-bindings'
import type { Relation } from '../../src/duckdb/relation.ts'
import { CHUNK_ROWS } from '../../src/duckdb/fill.ts'

/**
 * The plain way to fill text vectors: JavaScript strings through @duckdb/node-api. What the arena's fill
 * has to equal.
 */
export class ReferenceRelation implements Relation {
  readonly rows: number
  readonly #values: readonly (readonly (string | null)[])[]

  constructor(values: readonly (readonly (string | null)[])[]) {
    this.#values = values
    this.rows = values.length
  }

  get pieces(): number {
    return Math.ceil(this.rows / CHUNK_ROWS)
  }

  rowsOf(piece: number): number {
    return Math.min(CHUNK_ROWS, this.rows - piece * CHUNK_ROWS)
  }

  fill(piece: number, column: number, vector: Vector): void {
    const rows = this.rowsOf(piece)
    if (column === 0) {
      const ordinals = BigUint64Array.from({ length: rows }, (_, row) => BigInt(piece * CHUNK_ROWS + row))
      duckdb.copy_data_to_vector(vector, 0, ordinals.buffer, 0, rows * 8)
      return
    }
    const text = DuckDBVarCharVector.fromRawVector(vector, rows)
    for (let row = 0; row < rows; row++) text.setItem(row, this.#values[piece * CHUNK_ROWS + row]![column - 1]!)
    text.flush()
  }
}
