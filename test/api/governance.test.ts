import { describe, expect, it } from 'vitest';
import { API_LIMITS } from '../../src/api/limits.ts';
import type { Height, Round } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { encodeEvidence, evidenceOf } from '../../src/consensus/evidence.ts';
import { signedVoteOf, voteDigest, voteOf } from '../../src/consensus/vote.ts';
import { Council, type CouncilPlan, candidate, keyName } from '../ledger/governance/council.ts';
import { hash, hospitalName, idOf, primitives, secretOf } from '../ledger/town.ts';
import { apiOver, inject } from './support.ts';
import { TownService } from './town-service.ts';

async function councilApi(plan: Partial<CouncilPlan> = {}) {
  const town = new Council({ validators: 4, followers: 1, ...plan });
  const service = await TownService.over(town);
  const app = await apiOver(service);
  const get = async (url: string) => (await inject(app, { url })).json();
  return { town, service, get };
}
const idText = (n: number): string => toHex(idOf(hospitalName(n)));

describe('proposals', () => {
  it('are told with their votes, and as expired once no vote counts', async () => {
    const { town, service, get } = await councilApi({ parameters: { proposalExpiryHeights: 10 } });
    const made = service.seal(() => town.propose(1, 'admitHospital', candidate(9)));
    service.seal(() => town.vote(2, made.transactionId, 'no'));
    const [row] = (await get('/v1/proposals')).items;
    expect(row).toMatchObject({
      proposal: toHex(made.transactionId),
      proposer: idText(1),
      change: 'admitHospital',
      value: { name: hospitalName(9), accountKey: toHex(candidate(9).accountKey), validatorKey: null },
      votes: [{ hospital: idText(2), yes: false }],
      status: 'open',
    });
    expect((await get('/v1/governance')).pending).toEqual([{ hospital: idText(9), lastHeight: row.lastHeight }]);
    service.seal(() => town.until(row.lastHeight));
    expect((await get('/v1/proposals')).items[0].status).toBe('expired');
    expect((await get('/v1/governance')).pending).toEqual([]);
  });

  it('come page by page', async () => {
    const { town, service, get } = await councilApi();
    const ids = [1, 2, 3].map((n) => {
      const change = { name: 'heartbeatMs', value: 1_000 * n };
      return toHex(service.seal(() => town.propose(n, 'setParameter', change)).transactionId);
    });
    const first = await get('/v1/proposals?limit=2');
    const rest = await get(`/v1/proposals?limit=2&after=${first.next}`);
    expect([...first.items, ...rest.items].map(({ proposal }) => proposal)).toEqual([...ids].sort());
    expect(rest.next).toBeNull();
  });
});

describe('governance', () => {
  it('tells the set of the next height, and the one that is scheduled until it decides', async () => {
    const { town, service, get } = await councilApi();
    const at = town.height + 20;
    service.seal(() => town.pass(5, 'addValidator', town.keyChange(5, 'key 5', at), [1, 2, 3]));
    const before = await get('/v1/governance');
    expect(before.validators).toHaveLength(4);
    expect(before.scheduled).toMatchObject({ activationHeight: at });
    expect(before.scheduled.validators).toHaveLength(5);
    expect(before.parameters.heartbeatMs).toBe(town.env.genesis.parameters.heartbeatMs);
    service.seal(() => town.until(at - 1));
    expect(await get('/v1/governance')).toMatchObject({ scheduled: null, validatorsSince: at, height: at - 1 });
    expect((await get('/v1/governance')).validators).toHaveLength(5);
  });
});

/** Two commits of hospital `n` for one place. */
function doubleVote(town: Council, n: number, height: number, round = 0): Uint8Array {
  const signed = (block: string) => {
    const ballot = {
      round: round as Round,
      type: 'commit',
      blockHash: hash(block),
      preparedRound: null,
      preparedHash: null,
    };
    const vote = voteOf({ chainId: town.env.chainId, engine: 'qbft' }, height as Height, ballot);
    return signedVoteOf(
      vote,
      idOf(hospitalName(n)),
      primitives.sign(voteDigest(primitives, vote), secretOf(keyName(n))),
    );
  };
  return encodeEvidence(evidenceOf('qbft', signed('a'), signed('b')));
}

describe('offences on the status page', () => {
  it('are told with who, what, where, and the block that shows them: the newest first', async () => {
    const { town, service, get } = await councilApi();
    expect((await get('/v1/status')).offences).toEqual({ total: 0, newest: [] });
    service.seal(() => town.until(5));
    service.seal(() => town.seal([], 1_000, [doubleVote(town, 2, 3, 1)]));
    service.seal(() => town.seal([], 1_000, [doubleVote(town, 4, 6)]));
    const offence = { type: 'commit', height: 6, round: 0, validator: idText(4), includedHeight: 7 };
    const earlier = { type: 'commit', height: 3, round: 1, validator: idText(2), includedHeight: 6 };
    expect((await get('/v1/status')).offences).toEqual({ total: 2, newest: [offence, earlier] });
    expect((await get('/v1/status')).offences).toEqual({ total: 2, newest: [offence, earlier] });
  });

  it('are a bounded number beside the whole count, and gone when the chain forgets them', async () => {
    const { town, service, get } = await councilApi({ parameters: { evidenceExpiryHeights: 50 } });
    const count = API_LIMITS.offencesMax + 3;
    service.seal(() => town.until(1));
    for (let n = 0; n < count; n++) service.seal(() => town.seal([], 1_000, [doubleVote(town, 2, town.height, n)]));
    const { total, newest } = (await get('/v1/status')).offences;
    expect([total, newest.length, newest[0].round]).toEqual([count, API_LIMITS.offencesMax, count - 1]);
    service.seal(() => town.until(count + 60));
    expect((await get('/v1/status')).offences).toEqual({ total: 0, newest: [] });
  });
});
