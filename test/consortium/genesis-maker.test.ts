import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SecretKey } from '../../src/base/brand.ts';
import { equal } from '../../src/base/bytes.ts';
import { choosePorts } from '../../src/consortium/choose-ports.ts';
import { Consortium } from '../../src/consortium/consortium.ts';
import { makeConsortium, tierOf } from '../../src/consortium/genesis-maker.ts';
import { hasConsortium, hospitalFolder, hospitalNumbers } from '../../src/consortium/layout.ts';
import { readPolicyFiles } from '../../src/consortium/policy-files.ts';
import { anyFreePorts } from '../../src/consortium/ports.ts';
import type { HandleKey } from '../../src/crypto/oprf/handle.ts';
import { createEnv, parseGenesis, renderGenesis } from '../../src/ledger/genesis.ts';
import { genesisBlock } from '../../src/ledger/genesis-block.ts';
import { DEFAULT_PARAMETERS } from '../../src/ledger/parameters.ts';
import { peerIdOf } from '../../src/network/peer-key.ts';
import { readNodeConfig } from '../../src/node/config.ts';
import { checkHandleSecrets, readHandleSecrets } from '../../src/node/handle-file.ts';
import { standingOf } from '../../src/node/identity.ts';
import { readHospitalKeys } from '../../src/node/keys.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';

const primitives = nativePrimitives();
let data: string;
beforeEach(() => {
  data = join(mkdtempSync(join(tmpdir(), 'carechain-genesis-')), 'consortium');
});
afterEach(() => rmSync(join(data, '..'), { recursive: true }));

const plan = (hospitals: number) => ({
  name: 'Test consortium',
  hospitals,
  peerPorts: Array.from({ length: hospitals }, (_, index) => 9_001 + index),
  apiPorts: Array.from({ length: hospitals }, () => 0),
  timestampMs: 1_700_000_000_000,
});

describe('a new consortium', () => {
  it('has a genesis file that the ledger accepts, with the shipped policies under the names of their files', async () => {
    const text = await makeConsortium(primitives, data, { ...plan(4), parameters: { heartbeatMs: 1_234 } });
    const parsed = parseGenesis(primitives, text);
    if (!parsed.ok) throw new Error(parsed.rejection.code);
    const { genesis } = parsed.value;
    expect(genesis.parameters).toEqual({ ...DEFAULT_PARAMETERS, heartbeatMs: 1_234 });
    expect(genesis.policies).toEqual(await readPolicyFiles());
    expect(genesis.policies.map(({ id }) => id)).toContain('consent');
    expect(genesis.hospitals.map(({ name, addresses }) => [name, ...addresses])).toEqual(
      [1, 2, 3, 4].map((number) => [`Hospital ${number}`, `/ip4/127.0.0.1/tcp/${9_000 + number}`]),
    );
  });

  it('gives each hospital a folder with the same genesis and keys that are its own', async () => {
    const text = await makeConsortium(primitives, data, plan(4));
    const parsed = parseGenesis(primitives, text);
    if (!parsed.ok) throw new Error(parsed.rejection.code);
    const { view } = genesisBlock(createEnv(primitives, parsed.value)).execution;
    expect(await hospitalNumbers(data)).toEqual([1, 2, 3, 4]);
    for (const number of [1, 2, 3, 4]) {
      const folder = hospitalFolder(data, number);
      expect(readFileSync(join(folder, 'genesis.json'), 'utf8')).toBe(text);
      const keys = await readHospitalKeys(join(folder, 'keys.json'));
      const standing = standingOf(primitives, view, keys);
      const record = parsed.value.genesis.hospitals[number - 1];
      expect(standing).toMatchObject({ known: true, validates: true });
      expect(record?.peerId).toBe(peerIdOf(keys.peerSeed));
      expect(equal(record?.dutyKey ?? new Uint8Array(0), primitives.publicKeyOf(keys.duty))).toBe(true);
      expect((await readNodeConfig(join(folder, 'node.json'))).listen).toEqual([
        `/ip4/127.0.0.1/tcp/${9_000 + number}`,
      ]);
    }
  });

  it('publishes a handle key of which each hospital keeps a share of its own, in a file of its own', async () => {
    const text = await makeConsortium(primitives, data, plan(4));
    const parsed = parseGenesis(primitives, text);
    if (!parsed.ok) throw new Error(parsed.rejection.code);
    const { handleKey } = parsed.value.genesis;
    expect([handleKey?.threshold, handleKey?.shareKeys.length]).toEqual([3, 4]);
    const salts = new Set<string>();
    for (const number of [1, 2, 3, 4]) {
      const secrets = await readHandleSecrets(hospitalFolder(data, number));
      if (secrets === null) throw new Error('no secrets');
      expect(secrets.share?.holder).toBe(number);
      checkHandleSecrets(primitives, handleKey, secrets);
      expect(() => checkHandleSecrets(primitives, undefined, secrets)).toThrow('node-handles.foreign-share');
      salts.add(secrets.saltKey.join());
      expect(statSync(join(hospitalFolder(data, number), 'handles.json')).mode & 0o777).toBe(0o600);
    }
    expect(salts.size).toBe(4);
    const [one, two] = [
      await readHandleSecrets(hospitalFolder(data, 1)),
      await readHandleSecrets(hospitalFolder(data, 2)),
    ];
    const mixed = {
      saltKey: one?.saltKey as Uint8Array,
      share: { holder: 1, secret: two?.share?.secret as SecretKey },
    };
    expect(() => checkHandleSecrets(primitives, handleKey, mixed)).toThrow('node-handles.foreign-share');
  });

  it('is refused where its share keys do not make one key, or are more than its hospitals', async () => {
    const parsed = parseGenesis(primitives, await makeConsortium(primitives, data, plan(4)));
    if (!parsed.ok || parsed.value.genesis.handleKey === undefined) throw new Error('no handle key');
    const { genesis } = parsed.value;
    const { handleKey } = genesis;
    const refusalOf = (changed: Partial<typeof genesis>) =>
      parseGenesis(primitives, renderGenesis({ ...genesis, ...changed }));
    const inconsistent = { rejection: { code: 'genesis.inconsistent' } };
    const shareKeys = [...(handleKey?.shareKeys ?? [])].reverse();
    expect(refusalOf({ handleKey: { ...handleKey, shareKeys } as HandleKey })).toMatchObject(inconsistent);
    expect(refusalOf({ hospitals: genesis.hospitals.slice(0, 3) })).toMatchObject(inconsistent);
    expect(refusalOf({}).ok).toBe(true);
  });

  it('lets nobody but its owner read the keys', async () => {
    await makeConsortium(primitives, data, plan(1));
    for (const name of ['keys.json', 'node.json', 'genesis.json'])
      expect(statSync(join(hospitalFolder(data, 1), name)).mode & 0o777).toBe(0o600);
  });

  it('lets the first four validate, and never a community hospital', async () => {
    const text = await makeConsortium(primitives, data, plan(9));
    const parsed = parseGenesis(primitives, text);
    if (!parsed.ok) throw new Error(parsed.rejection.code);
    const { hospitals } = parsed.value.genesis;
    expect(hospitals.slice(0, 4).every(({ validatorKey }) => validatorKey !== null)).toBe(true);
    expect(hospitals[0]?.tier).toBe('tertiary');
    expect(new Set(hospitals.map(({ tier }) => tier)).size).toBe(3);
    for (const { tier, validatorKey } of hospitals) expect(validatorKey === null).toBe(tier === 'community');
    expect(hospitals.map(({ tier }) => tier)).toEqual(hospitals.map((_, index) => tierOf(index + 1)));
  });

  it('exists from its genesis file on, which comes last', async () => {
    expect(hasConsortium(data)).toBe(false);
    await makeConsortium(primitives, data, plan(2));
    expect(hasConsortium(data)).toBe(true);
  });

  it('is opened again as what it was made', async () => {
    await makeConsortium(primitives, data, plan(2));
    const consortium = await Consortium.open(primitives, data);
    expect(consortium.hospitals.map(({ number, name, ready }) => ({ number, name, ready }))).toEqual([
      { number: 1, name: 'Hospital 1', ready: undefined },
      { number: 2, name: 'Hospital 2', ready: undefined },
    ]);
    rmSync(hospitalFolder(data, 2), { recursive: true });
    await expect(Consortium.open(primitives, data)).rejects.toMatchObject({ code: 'consortium-folder.incomplete' });
    await expect(Consortium.open(primitives, join(data, 'nowhere'))).rejects.toMatchObject({
      code: 'consortium-folder.missing',
    });
  });

  it('moves to free ports where its own are taken, and tells every node where the moved one is', async () => {
    const [first, second] = await anyFreePorts(2);
    await makeConsortium(primitives, data, { ...plan(2), peerPorts: [first as number, second as number] });
    const blocker = createServer().listen({ port: first, host: '127.0.0.1' });
    await once(blocker, 'listening');
    try {
      const consortium = await Consortium.open(primitives, data);
      await choosePorts(consortium, 0);
      const configs = await Promise.all([1, 2].map((n) => readNodeConfig(join(hospitalFolder(data, n), 'node.json'))));
      const moved = configs[0]?.listen ?? [];
      expect(moved).not.toEqual([`/ip4/127.0.0.1/tcp/${first}`]);
      expect(configs[1]?.peers[0]?.addresses).toEqual(moved);
      expect(new Set(configs.flatMap(({ listen }) => listen)).size).toBe(2);
    } finally {
      blocker.close();
    }
  });
});
