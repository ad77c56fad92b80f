import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { S3Clients } from './client.ts'
import { s3Fault } from './errors.ts'
import type { Part } from './staged.ts'

/** Metadata of everything that Millrace writes: lower-case hex of the whole object's bytes. */
const SHA256_METADATA = 'millrace-sha256'
/** Repeats of a conditional write that met another one (409: nothing was written). */
const CONFLICTS_MAX = 8
const CONFLICT_PAUSE_MS = 50

export interface HeadInfo {
  readonly bytes: number
  /** Undefined for objects that others wrote. */
  readonly sha256: string | undefined
}

export interface Content extends HeadInfo {
  readonly body: Readable
}

export interface KeyInfo {
  readonly key: string
  readonly bytes: number
}

/** One bucket in S3's own words: keys are whole, errors are the SDK's. */
export class Bucket {
  readonly #clients: S3Clients
  readonly #name: string

  constructor(clients: S3Clients, name: string) {
    this.#clients = clients
    this.#name = name
  }

  /** Undefined where nothing is (or where the bucket is missing: the answer to HEAD does not tell). */
  async head(key: string, signal?: AbortSignal): Promise<HeadInfo | undefined> {
    const command = new HeadObjectCommand({ Bucket: this.#name, Key: key })
    try {
      const found = await this.#clients.repeating.send(command, stopBy(signal))
      return { bytes: found.ContentLength ?? 0, sha256: found.Metadata?.[SHA256_METADATA] }
    } catch (error) {
      if (s3Fault(error).status === 404) return undefined
      throw error
    }
  }

  /** `bytes` is what will come, of the range where one is asked for. */
  async get(key: string, range?: { start: number; end: number }, signal?: AbortSignal): Promise<Content> {
    const Range = range === undefined ? undefined : `bytes=${range.start}-${range.end - 1}`
    const command = new GetObjectCommand({ Bucket: this.#name, Key: key, Range })
    const found = await this.#clients.repeating.send(command, stopBy(signal))
    return { body: found.Body as Readable, bytes: found.ContentLength ?? 0, sha256: found.Metadata?.[SHA256_METADATA] }
  }

  /** Unconditional: for names that nobody else uses. */
  async put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    await this.#clients.repeating.send(this.#putCommand(key, bytes), stopBy(signal))
  }

  async putIfAbsent(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<'created' | 'exists'> {
    return this.#conditional(signal, async () => {
      const command = this.#putCommand(key, bytes, '*')
      await this.#clients.once.send(command, stopBy(signal))
      return 'created' as const
    })
  }

  /** Absent keys are fine. */
  async delete(key: string, signal?: AbortSignal): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.#name, Key: key })
    await this.#clients.repeating.send(command, stopBy(signal))
  }

  /** Ascending by UTF-8 bytes of the key, as S3 promises it for all but directory buckets. */
  async *list(prefix: string, after: string | undefined, signal?: AbortSignal): AsyncGenerator<KeyInfo> {
    for (let last = after; ; ) {
      const page = new ListObjectsV2Command({
        Bucket: this.#name,
        Prefix: prefix,
        EncodingType: 'url',
        ...(last === undefined ? {} : { StartAfter: last }),
      })
      const found = await this.#clients.repeating.send(page, stopBy(signal))
      const decode = found.EncodingType === 'url' ? decodeKey : (key: string) => key
      for (const { Key, Size } of found.Contents ?? []) {
        signal?.throwIfAborted()
        last = decode(Key ?? '')
        yield { key: last, bytes: Size ?? 0 }
      }
      if (found.IsTruncated !== true || (found.Contents ?? []).length === 0) return
    }
  }

  async createUpload(key: string, sha256: string, signal?: AbortSignal): Promise<string> {
    const command = new CreateMultipartUploadCommand({
      Bucket: this.#name,
      Key: key,
      ChecksumAlgorithm: 'CRC32',
      Metadata: { [SHA256_METADATA]: sha256 },
    })
    const made = await this.#clients.repeating.send(command, stopBy(signal))
    return made.UploadId ?? ''
  }

  /** `number` from 1. */
  async uploadPart(
    key: string,
    uploadId: string,
    number: number,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<Part> {
    const checksum = crc32Base64(bytes)
    const command = new UploadPartCommand({
      Bucket: this.#name,
      Key: key,
      UploadId: uploadId,
      PartNumber: number,
      Body: bytes,
      ContentLength: bytes.length,
      ChecksumCRC32: checksum,
    })
    const made = await this.#clients.repeating.send(command, stopBy(signal))
    return { etag: unquoted(made.ETag), crc32: made.ChecksumCRC32 ?? '' }
  }

  /** Undefined where the upload is not open (any more). */
  async listParts(key: string, uploadId: string, signal?: AbortSignal): Promise<readonly Part[] | undefined> {
    const parts: Part[] = []
    for (let marker: string | undefined; ; ) {
      const command = new ListPartsCommand({
        Bucket: this.#name,
        Key: key,
        UploadId: uploadId,
        PartNumberMarker: marker,
      })
      try {
        const page = await this.#clients.repeating.send(command, stopBy(signal))
        for (const { ETag, ChecksumCRC32 } of page.Parts ?? []) {
          parts.push({ etag: unquoted(ETag), crc32: ChecksumCRC32 ?? '' })
        }
        marker = page.NextPartNumberMarker
        if (page.IsTruncated !== true || marker === undefined) return parts
      } catch (error) {
        if (s3Fault(error).status === 404) return undefined
        throw error
      }
    }
  }

  /** Makes the upload the object unless there is one; `exists` says only that the name is taken. */
  async completeIfAbsent(
    key: string,
    uploadId: string,
    parts: readonly Part[],
    signal?: AbortSignal,
  ): Promise<'completed' | 'exists'> {
    return this.#conditional(signal, async () => {
      const command = new CompleteMultipartUploadCommand({
        Bucket: this.#name,
        Key: key,
        UploadId: uploadId,
        IfNoneMatch: '*',
        MultipartUpload: {
          Parts: parts.map(({ etag, crc32: checksum }, i) => ({
            PartNumber: i + 1,
            ETag: `"${etag}"`,
            ...(checksum === '' ? {} : { ChecksumCRC32: checksum }),
          })),
        },
      })
      await this.#clients.once.send(command, stopBy(signal))
      return 'completed' as const
    })
  }

  /** Uploads that are gone are fine. */
  async abortUpload(key: string, uploadId: string, signal?: AbortSignal): Promise<void> {
    const command = new AbortMultipartUploadCommand({ Bucket: this.#name, Key: key, UploadId: uploadId })
    try {
      await this.#clients.repeating.send(command, stopBy(signal))
    } catch (error) {
      if (s3Fault(error).code !== 'NoSuchUpload') throw error
    }
  }

  close(): void {
    this.#clients.repeating.destroy()
    this.#clients.once.destroy()
  }

  #putCommand(key: string, bytes: Uint8Array, IfNoneMatch?: '*'): PutObjectCommand {
    return new PutObjectCommand({
      Bucket: this.#name,
      Key: key,
      Body: bytes,
      ContentLength: bytes.length,
      ChecksumCRC32: crc32Base64(bytes),
      Metadata: { [SHA256_METADATA]: createHash('sha256').update(bytes).digest('hex') },
      ...(IfNoneMatch === undefined ? {} : { IfNoneMatch }),
    })
  }

  /** 412 is an answer; 409 says that nothing was written because another write was under way, and is asked again. */
  async #conditional<T>(signal: AbortSignal | undefined, write: () => Promise<T>): Promise<T | 'exists'> {
    for (let conflicts = 1; ; conflicts += 1) {
      try {
        return await write()
      } catch (error) {
        const { kind, code } = s3Fault(error)
        if (kind === 'exists') return 'exists'
        if (code !== 'ConditionalRequestConflict' || conflicts > CONFLICTS_MAX) throw error
        await sleep(CONFLICT_PAUSE_MS * conflicts, undefined, { signal })
      }
    }
  }
}

function crc32Base64(bytes: Uint8Array): string {
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(bytes))
  return checksum.toString('base64')
}

function unquoted(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '')
}

/** Keys come as in a form: XML has no way to say some of their characters. */
function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '))
}

function stopBy(signal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal }
}
