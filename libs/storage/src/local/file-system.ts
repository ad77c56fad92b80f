/** What the local adapter asks of a file system; errors carry Node's `code`. A test puts its own disk under it. */
export interface FileSystem {
  /** `create` is exclusive: EEXIST when the name is taken. */
  open(path: string, mode: 'read' | 'create'): Promise<OpenFile>
  /** Follows links. */
  stat(path: string): Promise<FileStat>
  readDirectory(path: string): Promise<readonly DirectoryEntry[]>
  /** One level; EEXIST when the name is taken. */
  makeDirectory(path: string): Promise<void>
  /** ENOTEMPTY unless empty. */
  removeDirectory(path: string): Promise<void>
  /** A second name for a file; EEXIST when the name is taken: this is what excludes. */
  link(existing: string, added: string): Promise<void>
  /** Replaces what has the name already. */
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  /** Makes the entries of a directory durable (not the contents of its files). */
  syncDirectory(path: string): Promise<void>
}

export interface OpenFile {
  /** Bytes read into `target`; 0 at the end. May be fewer than asked. */
  read(target: Uint8Array, position: number): Promise<number>
  /** Appends all of the bytes. */
  write(bytes: Uint8Array): Promise<void>
  /** Makes the contents durable (not the name). */
  sync(): Promise<void>
  close(): Promise<void>
}

export interface FileStat {
  readonly kind: 'file' | 'directory' | 'other'
  readonly bytes: number
  /** Equal for two names of one file, and only for them. */
  readonly identity: string
  /** Of a directory: another one after every change of its entries. Left out when that cannot be promised. */
  readonly revision?: string
}

export interface DirectoryEntry {
  readonly name: string
  readonly kind: 'file' | 'directory' | 'other'
}
