import { parseCommit, sha256Of } from '../codec.ts'
import type { Link } from '../decide/chain.ts'
import { commitPath } from '../layout.ts'
import type { StagedBatch } from '../types.ts'
import type { Context } from './context.ts'
import { createRecord } from './create-record.ts'

export type Decided = { readonly kind: 'won'; readonly link: Link } | { readonly kind: 'lost'; readonly winner: Link }

/** The step that commits: whoever creates commits/v has decided version v, for ever and for everybody. */
export const decideCommit = async (context: Context, batch: StagedBatch): Promise<Decided> => {
  const { version } = batch.record
  const path = commitPath(context.stateRoot, version)
  await context.crashpoint('before-decide')
  const created = await createRecord(context, context.state, path, batch.bytes)
  await context.crashpoint('after-decide')
  if (created.kind === 'mine') return { kind: 'won', link: { record: batch.record, sha256: batch.sha256 } }
  const record = parseCommit(created.bytes, { path, pipeline: context.pipeline, version })
  return { kind: 'lost', winner: { record, sha256: sha256Of(created.bytes) } }
}
