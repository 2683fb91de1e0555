import { describe, expect, it } from 'vitest';
import type { Address, Hash, PublicKey } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { DATA_KEY_BYTES } from '../../src/crypto/envelope.ts';
import { encodeFragment, fragmentIdOf } from '../../src/crypto/grant-fragment.ts';
import { BOX_OVERHEAD_BYTES } from '../../src/crypto/sealed-box.ts';
import { StateOverlay } from '../../src/ledger/state/overlay.ts';
import { records } from '../../src/ledger/state/tables.ts';
import { storeFragments } from '../../src/node/fragment-duty.ts';
import { FragmentKeeper } from '../../src/node/fragment-keeper.ts';
import { NODE_LIMITS } from '../../src/node/limits.ts';
import type { NodeContext } from '../../src/node/node-context.ts';
import type { ChainStore } from '../../src/storage/chain-store.ts';
import { EnvelopeStore } from '../../src/storage/envelope-store.ts';
import { openMemoryStore } from '../../src/storage/memory-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import { primitives, seeded } from '../support/consortium.ts';

const chainId = seeded('chain', 32) as Hash;
const grantId = seeded('grant', 32);
const [hers, hersToo, his] = [seeded('hers', 32), seeded('hers too', 32), seeded('his', 32)];
const peer = seeded('hospital', 20) as Address;

function made(): NodeContext {
  const state = new StateOverlay({ get: () => undefined });
  for (const [id, owner] of [
    [hers, 'she'],
    [hersToo, 'she'],
    [his, 'he'],
  ] as const) {
    const row = {
      owner: seeded(owner, 20),
      author: seeded('author', 20),
      category: seeded('category', 16),
      epoch: 0,
      version: 1,
      cid: seeded(toHex(id), 36),
      ciphertextBytes: 1,
      envelopeHash: seeded('envelope', 32),
      storedBy: [],
      status: 'live',
      registeredHeight: 0,
      requests: 0,
    };
    records.set(state, row as never, toHex(id));
  }
  const store = new EnvelopeStore(new WriteGuard(openMemoryStore()));
  const context: Pick<NodeContext, 'dutySecret' | 'keeper' | 'state'> = {
    dutySecret: seeded('duty', 32) as NodeContext['dutySecret'],
    keeper: new FragmentKeeper(store, {} as ChainStore, state),
    state,
  };
  return { ...context, env: { primitives, chainId }, tip: () => ({ header: { height: 0 } }) } as unknown as NodeContext;
}

const publicKey = primitives.publicKeyOf(seeded('key', 32) as NodeContext['dutySecret']) as PublicKey;
function fragmentFor(record: Uint8Array, grant = grantId) {
  const fragment = encodeFragment({
    scheme: 'direct-v1',
    chainId,
    grantId: grant,
    recordId: record,
    version: 1,
    grantee: publicKey,
    capsule: publicKey,
    wrappedKey: seeded('wrapped', DATA_KEY_BYTES + BOX_OVERHEAD_BYTES),
  });
  return { record, fragmentId: fragmentIdOf(primitives, fragment), fragment };
}
const ask = (context: NodeContext, grant: Uint8Array, recordIds: readonly Uint8Array[], from: Address | null = null) =>
  storeFragments(context, { grantId: grant, fragments: recordIds.map((id) => fragmentFor(id, grant)) }, from);

describe('the duty to keep fragments', () => {
  it("signs for one patient's records, and refuses a set of two patients", async () => {
    const context = made();
    const refused = { ok: false, rejection: { code: 'duty.fragment-foreign' } };
    expect(await ask(context, grantId, [hers, his])).toMatchObject(refused);
    expect(await ask(context, grantId, [hers, hersToo])).toMatchObject({ ok: true });
  });

  it('signs again for the same set, and for no larger one', async () => {
    const context = made();
    const first = await ask(context, grantId, [hers]);
    expect(first).toMatchObject({ ok: true });
    expect(await ask(context, grantId, [hers, hersToo])).toMatchObject({ rejection: { code: 'duty.fragment-exists' } });
    expect(await ask(context, grantId, [hers])).toEqual(first);
  });

  it.each([
    ['clients', "one patient's records", undefined, NODE_LIMITS.pendingGrantsPerPatientMax, his, undefined],
    ['a hospital', 'itself', peer, NODE_LIMITS.pendingGrantsPerHospitalMax, hers, seeded('third', 20) as Address],
  ])('lets junk of %s shut out %s only', async (_, __, from, pendingMax, other, otherFrom) => {
    const context = made();
    const junk = Array.from({ length: pendingMax }, (_, i) => ask(context, seeded(`junk ${i}`, 32), [hers], from));
    expect((await Promise.all(junk)).every(({ ok }) => ok)).toBe(true);
    expect(await ask(context, grantId, [hers], from)).toMatchObject({ rejection: { code: 'duty.busy' } });
    expect(await ask(context, grantId, [other], otherFrom)).toMatchObject({ ok: true });
  });
});
