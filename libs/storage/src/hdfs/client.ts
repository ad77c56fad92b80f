import type { IncomingMessage } from 'node:http'
import { type Asked, cannot, HdfsError, isStandby } from './errors.ts'
import type { HdfsStorageOptions } from './options.ts'
import { checkedRedirect, type RedirectPolicy } from './redirect.ts'
import { type Method, type Sending, Transport } from './transport.ts'
import { namenodeOrigin, type Parameters, requestTarget } from './url.ts'

/** DataNodes that are asked in turn when those named first cannot be reached. */
const DATANODES_MAX = 3

export interface HdfsStatus {
  readonly kind: 'file' | 'directory' | 'other'
  readonly bytes: number
  /** The inode: stays with a file when it is renamed, and is never used again. Undefined behind HttpFS. */
  readonly fileId: number | undefined
  /** The name in its directory, empty for the path that was asked for. */
  readonly name: string
}

export interface Page {
  readonly entries: readonly HdfsStatus[]
  readonly more: boolean
}

interface Call {
  readonly operation: string
  readonly method: Method
  readonly path: string
  readonly parameters: Parameters
  readonly statuses: readonly number[]
  /** Asking twice does no harm and misleads nobody. */
  readonly repeatable: boolean
}

interface Redirected {
  readonly url: URL
  readonly asked: Asked
}

/**
 * WebHDFS (Hadoop's REST API, version 1), one method per operation. Paths are absolute in HDFS. Redirects to DataNodes
 * are taken by hand, with nothing of ours but the data. Standby and unreachable NameNodes are passed over for the next.
 * All errors are HdfsErrors, `uncertain` where what was asked may have happened.
 */
export class HdfsClient {
  readonly #namenodes: readonly string[]
  readonly #credentials: Parameters
  readonly #secret: string | undefined
  readonly #policy: RedirectPolicy
  readonly #transport: Transport
  #active = 0

  constructor(options: HdfsStorageOptions) {
    this.#namenodes = options.namenodes.map(namenodeOrigin)
    const hosts = this.#namenodes.map((origin) => new URL(origin).hostname)
    const protocols = new Set(this.#namenodes.map((origin) => new URL(origin).protocol))
    if (protocols.size !== 1) throw new RangeError('the NameNodes of one cluster are all http: or all https:')
    this.#policy = { protocol: [...protocols][0]!, namenodes: hosts, allowed: options.allowedRedirectHosts }
    this.#secret = options.delegationToken
    this.#credentials =
      options.delegationToken === undefined ? { 'user.name': options.user } : { delegation: options.delegationToken }
    this.#transport = new Transport(this.#policy.protocol, options)
  }

  /** GETFILESTATUS; undefined where nothing is. */
  async status(path: string, signal?: AbortSignal): Promise<HdfsStatus | undefined> {
    try {
      const found = await this.#json('look at', 'GET', path, { op: 'GETFILESTATUS' }, true, signal)
      return statusOf((found as { FileStatus?: unknown }).FileStatus)
    } catch (error) {
      if (error instanceof HdfsError && (error.kind === 'not_found' || isBelowFile(error))) return undefined
      throw error
    }
  }

  /** LISTSTATUS_BATCH: one page of a directory, ascending by name in UTF-8 bytes. Undefined where nothing is. */
  async list(path: string, after: string | undefined, signal?: AbortSignal): Promise<Page | undefined> {
    try {
      const found = await this.#json('list', 'GET', path, { op: 'LISTSTATUS_BATCH', startAfter: after }, true, signal)
      return pageOf(found)
    } catch (error) {
      if (error instanceof HdfsError && (error.kind === 'not_found' || isBelowFile(error))) return undefined
      throw error
    }
  }

  /** Makes a directory and its parents. */
  async mkdirs(path: string, signal?: AbortSignal): Promise<void> {
    await this.#json('make the directory', 'PUT', path, { op: 'MKDIRS' }, true, signal)
  }

  /** DELETE; false where nothing was. */
  async remove(path: string, recursive: boolean, signal?: AbortSignal): Promise<boolean> {
    const parameters = { op: 'DELETE', recursive: String(recursive) }
    const found = await this.#json('remove', 'DELETE', path, parameters, false, signal)
    return (found as { boolean?: unknown }).boolean === true
  }

  /**
   * RENAME with `renameoptions=NONE`: atomic, and never onto something that is there. Throws `exists` then. A server
   * that answers as the old rename does (a boolean) knows no options: throws `unsafe_store`.
   */
  async rename(from: string, to: string, signal?: AbortSignal): Promise<void> {
    const parameters = { op: 'RENAME', destination: to, renameoptions: 'NONE' }
    const { answer, asked } = await this.#namenode(
      { operation: 'rename to', method: 'PUT', path: from, parameters, statuses: [200], repeatable: false },
      signal,
    )
    const said = await this.#transport.text({ ...asked, path: to }, answer, signal)
    if (said.trim() === '') return
    const reason = `${asked.host} ignores renameoptions, without which a rename excludes nobody (HttpFS does)`
    throw new HdfsError('unsafe_store', to, cannot('rename to', to, reason), { uncertain: true })
  }

  /**
   * CREATE, in two steps: the NameNode names a DataNode, which gets the data. Never over an existing file; a file that
   * was cut short stays. `open` gives the data from the beginning, once per DataNode that is tried.
   */
  async create(path: string, open: () => Sending, signal?: AbortSignal): Promise<void> {
    const parameters = { op: 'CREATE', overwrite: 'false' }
    await this.#withDatanode('write', 'PUT', path, parameters, signal, async ({ url, asked }) => {
      const request = { url, method: 'PUT', statuses: [201], sending: open() } as const
      await this.#transport.text(asked, await this.#transport.send(asked, request, signal), signal)
    })
  }

  /** OPEN: bytes from `offset` on, at most `length` of them. A stream that was cut may end early without an error. */
  open(path: string, offset: number, length: number, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const parameters = { op: 'OPEN', offset, length }
    return this.#withDatanode('read', 'GET', path, parameters, signal, async ({ url, asked }) => {
      const answer = await this.#transport.send(asked, { url, method: 'GET', statuses: [200] }, signal)
      return this.#transport.chunks(asked, answer, signal)
    })
  }

  /** GETFILECHECKSUM: equal for equal bytes in blocks of equal size; says nothing when it differs. */
  async checksum(path: string, signal?: AbortSignal): Promise<string> {
    const parameters = { op: 'GETFILECHECKSUM' }
    return this.#withDatanode('sum up', 'GET', path, parameters, signal, async ({ url, asked }) => {
      const answer = await this.#transport.send(asked, { url, method: 'GET', statuses: [200] }, signal)
      return this.#transport.text(asked, answer, signal)
    })
  }

  close(): void {
    this.#transport.close()
  }

  async #json(
    operation: string,
    method: Method,
    path: string,
    parameters: Parameters,
    repeatable: boolean,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const call = { operation, method, path, parameters, statuses: [200], repeatable }
    const { answer, asked } = await this.#namenode(call, signal)
    const text = await this.#transport.text(asked, answer, signal)
    try {
      return JSON.parse(text)
    } catch (cause) {
      const message = cannot(operation, path, `${asked.host} answered with something that is not JSON`)
      throw new HdfsError('unavailable', path, message, { uncertain: true, cause })
    }
  }

  /** Both steps of an operation that a DataNode serves. */
  async #withDatanode<T>(
    operation: string,
    method: Method,
    path: string,
    parameters: Parameters,
    signal: AbortSignal | undefined,
    use: (redirected: Redirected) => Promise<T>,
  ): Promise<T> {
    const excluded: string[] = []
    for (;;) {
      const excludedatanodes = excluded.length === 0 ? undefined : excluded.join(',')
      const call = { operation, method, path, parameters: { ...parameters, excludedatanodes }, repeatable: true }
      const { answer, asked } = await this.#namenode({ ...call, statuses: [307] }, signal)
      answer.resume()
      const base = `${this.#policy.protocol}//${asked.host}`
      const url = checkedRedirect(answer.headers.location ?? '', base, path, this.#policy)
      try {
        return await use({ url, asked: { ...asked, host: url.host } })
      } catch (error) {
        const unreached = error instanceof HdfsError && error.kind === 'unavailable' && error.exception === ''
        excluded.push(url.host)
        if (!unreached || error.uncertain || excluded.length >= DATANODES_MAX) throw error
      }
    }
  }

  /** Asks the NameNode that was active last, and the others where that one cannot serve. */
  async #namenode(
    call: Call,
    signal?: AbortSignal,
  ): Promise<{ readonly answer: IncomingMessage; readonly asked: Asked }> {
    const first = this.#active
    for (let tried = 1; ; tried += 1) {
      const index = (first + tried - 1) % this.#namenodes.length
      const origin = this.#namenodes[index]!
      const { operation, path, method, statuses } = call
      const asked = { operation, path, host: new URL(origin).host, secret: this.#secret }
      const url = new URL(`${origin}${requestTarget(path, { ...call.parameters, ...this.#credentials })}`)
      try {
        const answer = await this.#transport.send(asked, { url, method, statuses }, signal)
        this.#active = index
        return { answer, asked }
      } catch (error) {
        if (tried === this.#namenodes.length || !mayAskAnother(error, call.repeatable)) throw error
      }
    }
  }
}

/** The parent of what was asked for is a file: HDFS has more than one way to say that nothing is there. */
export function isBelowFile(error: HdfsError): boolean {
  return error.kind === 'invalid_path' && error.message.includes('(is not a directory)')
}

function mayAskAnother(error: unknown, repeatable: boolean): boolean {
  if (!(error instanceof HdfsError)) return false
  if (isStandby(error)) return true
  const silent = error.exception === '' && error.kind === 'unavailable'
  return silent && (repeatable || !error.uncertain)
}

interface FileStatusJson {
  readonly type?: unknown
  readonly length?: unknown
  readonly fileId?: unknown
  readonly pathSuffix?: unknown
}

function statusOf(json: unknown): HdfsStatus {
  const { type, length, fileId, pathSuffix } = (json ?? {}) as FileStatusJson
  return {
    kind: type === 'FILE' ? 'file' : type === 'DIRECTORY' ? 'directory' : 'other',
    bytes: typeof length === 'number' ? length : 0,
    fileId: typeof fileId === 'number' && fileId > 0 ? fileId : undefined,
    name: typeof pathSuffix === 'string' ? pathSuffix : '',
  }
}

function pageOf(json: unknown): Page {
  const listing = (json as { DirectoryListing?: Record<string, unknown> } | null)?.DirectoryListing
  const partial = listing?.['partialListing'] as { FileStatuses?: { FileStatus?: unknown } } | undefined
  const entries = partial?.FileStatuses?.FileStatus
  return {
    entries: Array.isArray(entries) ? entries.map(statusOf) : [],
    more: Number(listing?.['remainingEntries'] ?? 0) > 0,
  }
}
