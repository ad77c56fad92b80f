import type { IncomingMessage } from 'node:http'
import { Transform } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

/** Ten times a second, so that a slow body is slow and not merely late. */
const SLICES_PER_SECOND = 10

/** All of a body. Rejects when the sender leaves in its midst. */
export const whole = async (incoming: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Lets bytes through at this speed. */
export const paced = (bytesPerSecond: number): Transform => {
  const slice_bytes = Math.max(1, Math.ceil(bytesPerSecond / SLICES_PER_SECOND))
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const run = async (): Promise<void> => {
        for (let at = 0; at < chunk.length; at += slice_bytes) {
          const slice = chunk.subarray(at, at + slice_bytes)
          await sleep((slice.length / bytesPerSecond) * 1_000)
          this.push(slice)
        }
      }
      run().then(() => done(), done)
    },
  })
}
