import { describe, expect, it } from 'vitest';
import type { Height } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import type { Tip } from '../../src/ledger/chain.ts';
import { openGenesis } from '../../src/node/identity.ts';
import { readNextRecord, writeNextRecord } from '../../src/node/next-signing-record.ts';
import type { NodeData } from '../../src/node/open-data.ts';
import { takeVotingKey } from '../../src/node/voting-key.ts';
import { encodeSigningRecord, initialSigningRecord, recoverSigning } from '../../src/protocol/recovery.ts';
import { hospitalKeys, makeConsortium, primitives, seededSecret, temporaryFolder } from '../support/consortium.ts';

const consortium = makeConsortium(4);
const env = openGenesis(primitives, consortium.genesisText);
const { id: hospital } = consortium.hospitals[0] as (typeof consortium.hospitals)[number];
const present = hospitalKeys(1);
const nextValidator = seededSecret('hospital 1, the next validator key');
const keys = { ...present, nextValidator };
const publicOf = (secret: typeof nextValidator) => primitives.publicKeyOf(secret);
const signer = (secret: typeof nextValidator) => ({
  chainId: env.chainId,
  engine: env.genesis.engine,
  validator: hospital,
  validatorKey: publicOf(secret),
});
const [old, next] = [signer(present.validator), signer(nextValidator)];
const NOTED_AT_TIP = 40;

/** A record of this signer that has votes in it. */
const voted = (who: typeof old, sequence: number): Uint8Array =>
  encodeSigningRecord({
    version: 1,
    ...who,
    sequence,
    height: 9 as Height,
    state: Uint8Array.of(1),
  });

interface Case {
  /** Null: lost or damaged. */
  readonly record: Uint8Array | null;
  readonly named: typeof nextValidator | null;
  /** Whether the data folder shows that the next key has signed nothing. */
  readonly fresh: boolean;
}

async function start({ record, named, fresh }: Case) {
  const dataFolder = await temporaryFolder();
  if (fresh) await writeNextRecord(dataFolder, next);
  let state = record;
  const data = {
    get signing() {
      return state === null ? null : { state };
    },
    beginSigning: async (bytes: Uint8Array) => {
      state = bytes;
    },
    chain: { signingSequenceAtTip: () => NOTED_AT_TIP },
  } as unknown as NodeData;
  const tip = { validators: named === null ? [] : [{ id: hospital, publicKey: publicOf(named) }] } as unknown as Tip;
  const key = await takeVotingKey(env, tip, { dataFolder, hospital, keys }, data);
  const recovery = recoverSigning({ ...old, validatorKey: key.publicKey }, state, NOTED_AT_TIP);
  return {
    key: toHex(key.publicKey) === toHex(old.validatorKey) ? 'old' : 'next',
    signs: named !== null && toHex(publicOf(named)) === toHex(key.publicKey) && recovery.ok,
    recovery,
    state,
    waits: (await readNextRecord(dataFolder)) !== null,
  };
}

describe('while its vote is under way, a node', () => {
  it('signs with the old key, and leaves its record alone', async () => {
    const record = voted(old, NOTED_AT_TIP);
    const started = await start({ record, named: present.validator, fresh: true });
    expect(started).toMatchObject({ key: 'old', signs: true, waits: true });
    expect(started.state).toBe(record);
  });

  it('whose old record is lost follows, and the key that waits stays fresh', async () => {
    expect(await start({ record: null, named: present.validator, fresh: true })).toMatchObject({
      key: 'old',
      signs: false,
      waits: true,
    });
  });
});

describe('once the set names the new key, a node', () => {
  it.each([
    ['of a sound record', voted(old, NOTED_AT_TIP)],
    ['of an outdated record', voted(old, NOTED_AT_TIP - 1)],
    ['whose record is lost', null],
  ])('%s begins one for the new key, which counts on from what the chain noted', async (_what, record) => {
    const started = await start({ record, named: nextValidator, fresh: true });
    expect(started).toMatchObject({ key: 'next', signs: true, waits: false });
    expect(started.recovery).toEqual({ ok: true, value: { height: 0, sequence: NOTED_AT_TIP, restored: null } });
    expect(started.state).toEqual(initialSigningRecord(next, NOTED_AT_TIP));
  });

  it('that voted with it goes on from its record, and begins none anew', async () => {
    for (const fresh of [false, true]) {
      const record = voted(next, NOTED_AT_TIP);
      const started = await start({ record, named: nextValidator, fresh });
      expect(started).toMatchObject({ key: 'next', signs: true });
      expect(started.state).toBe(record);
    }
  });

  it.each([
    ['lost', null, 'signing-record.lost'],
    ["the old key's", voted(old, NOTED_AT_TIP), 'signing-record.foreign'],
  ])('signs nothing where the record is %s and nothing says that the new key is fresh', async (_what, record, code) => {
    const started = await start({ record, named: nextValidator, fresh: false });
    expect(started).toMatchObject({ key: 'next', signs: false, recovery: { rejection: { code } } });
  });

  it('does not take the old one again where its chain is behind, and votes for nobody until it has caught up', async () => {
    const record = voted(next, NOTED_AT_TIP);
    expect(await start({ record, named: present.validator, fresh: false })).toMatchObject({
      key: 'next',
      signs: false,
    });
  });
});

it('outside the set a node keeps the key that it has', async () => {
  expect(await start({ record: voted(old, NOTED_AT_TIP), named: null, fresh: true })).toMatchObject({ key: 'old' });
});
