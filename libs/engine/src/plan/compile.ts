import type { Diagnostic } from '../core/diagnostics.ts'
import type { Limits } from '../core/limits.ts'
import type { SqlEngine } from '../duckdb/sql-engine-port.ts'
import type { FileNode } from '../sql/ast.ts'
import type { Program } from './program.ts'

/** What compiling needs from the world. */
export interface CompilePorts {
  /** A fresh one per call: the catalog is built in its scratch database. */
  readonly engine: SqlEngine
  /** Text of an imported file, by absolute path; undefined when it cannot be read. */
  readFile(path: string): Promise<string | undefined>
  /** The clause parser, with the same variables as the main file. */
  parse(text: string, file: string): { readonly file: FileNode; readonly diagnostics: readonly Diagnostic[] }
  /** Lower-case hex SHA-256 of a text's UTF-8. */
  sha256(text: string): string
}

export interface CompileOptions {
  /** Absolute folder that relative locations, static files and `embedded:` folders start at. */
  readonly cwd: string
  /** Limits that win over the file's own SET. */
  readonly overrides?: Partial<Limits>
}

export interface Compiled {
  /** Absent when there is an error among the diagnostics. */
  readonly program: Program | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Binds a parsed file: names, types, expressions and SELECTs, into one consumption plan per pipeline. Never throws for
 * the user's mistakes. Relative IMPORT paths start at the importing file's folder.
 */
export type Compile = (file: FileNode, ports: CompilePorts, options: CompileOptions) => Promise<Compiled>
