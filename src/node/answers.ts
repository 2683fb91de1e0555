import { unreachable } from '../base/assert.ts';
import type { Address, Hash } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { decodeEnvelope } from '../crypto/envelope.ts';
import type { RequestKind } from '../network/network.ts';
import { cidText } from './cid.ts';
import type { DutyDesk } from './duties.ts';
import { encodeSaltedEnvelope, type SaltedEnvelope } from './duty-wire.ts';
import { isDiskError, NodeError } from './errors.ts';
import type { NodeContext } from './node-context.ts';
import { isShredded, isShreddedContent } from './record-rows.ts';
import { answerBlocks, answerStatus } from './sync-answers.ts';

/** What this node answers to each kind of request. An error ends the stream with a code; the peer learns no more. */
export async function* answerRequest(
  context: NodeContext,
  duties: DutyDesk,
  request: { readonly from: Address; readonly kind: RequestKind; readonly body: Uint8Array },
  failed: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* answer(context, duties, request);
  } catch (error) {
    if (isDiskError(error)) failed(error);
    throw error;
  }
}

async function* answer(
  context: NodeContext,
  duties: DutyDesk,
  { from, kind, body }: { readonly from: Address; readonly kind: RequestKind; readonly body: Uint8Array },
): AsyncGenerator<Uint8Array> {
  switch (kind) {
    case 'status':
      yield answerStatus(context.chain, context.newestVotesOf(from));
      return;
    case 'blocks':
      yield await answerBlocks(context.chain, body);
      return;
    case 'blob':
      if (isShreddedContent(context.state, body)) throw new NodeError('duty.content-shredded');
      yield* context.blobs.get(cidText(body));
      return;
    case 'envelope': {
      const salted = await context.shelf.get(body as Hash);
      if (salted === undefined || isOfShredded(context, salted)) throw new NodeError('duty.envelope-missing');
      yield encodeSaltedEnvelope(salted);
      return;
    }
    case 'duty':
      yield await duties.answer(from, body);
      return;
    case 'fragment':
      // Fragments travel only to their holders, as a duty: nobody can ask for one.
      throw new NodeError('duty.malformed', { kind });
    default:
      unreachable(kind);
  }
}

/** Between the block that shredded a record and its erasure here. */
function isOfShredded({ env, state }: NodeContext, { envelope }: SaltedEnvelope): boolean {
  const decoded = decodeEnvelope(env.primitives, envelope);
  return decoded.ok && isShredded(state, toHex(decoded.value.recordId));
}
