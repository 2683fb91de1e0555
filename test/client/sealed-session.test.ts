import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, createApi } from '../../src/api/server.ts';
import type { PublicKey } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import type { Primitives } from '../../src/base/primitives.ts';
import { createApiClient } from '../../src/client/api-client.ts';
import { hostDevice } from '../../src/client/device.ts';
import { openSealedSession, type SealedSession, sealedSessionWith } from '../../src/client/sealed-session.ts';
import { createSession } from '../../src/client/session.ts';
import { accountOf } from '../../src/client/wallet.ts';
import { NODE_CODES } from '../../src/node/codes.ts';
import { SessionDesk } from '../../src/node/session-desk.ts';
import { TownService } from '../api/town-service.ts';
import { genesisOf, hospitalName, idOf, primitives, publicOf, secretOf, Town } from '../ledger/town.ts';
import { accepted } from '../support/person.ts';

/** A device and a hospital over sockets. The chain's clock is the device's. */
const town = new Town(genesisOf(4));
const account = accountOf(primitives, secretOf('patient'));
const nowMs = () => town.tip.header.timestampMs;
const hospitalKey = publicOf(`${hospitalName(1)} duty`);
let service: TownService;
let api: Api;
let chainId: TownService['env']['chainId'];

const counting = () => {
  const counts: Record<string, number> = {};
  const counted = { ...primitives };
  for (const name of ['sign', 'verify', 'ecdh', 'publicKeyOf'] as const)
    (counted as Record<string, unknown>)[name] = (...args: never[]) => {
      counts[name] = (counts[name] ?? 0) + 1;
      return (primitives[name] as (...given: never[]) => unknown)(...args);
    };
  return { counts, primitives: counted as Primitives };
};

interface Sent {
  readonly path: string;
  readonly out: Uint8Array;
  readonly back: Uint8Array;
}

/** The network: it sees each request and answer, and may put another request in its place. */
function wire(change: (body: Uint8Array, path: string) => Uint8Array = (body) => body) {
  const sent: Sent[] = [];
  const carried: typeof fetch = async (input, init) => {
    const path = new URL(String(input)).pathname;
    const out = change(init?.body as Uint8Array, path);
    const response = await fetch(input, {
      ...init,
      ...(out === undefined ? {} : { body: out as Uint8Array<ArrayBuffer> }),
    });
    const back = new Uint8Array(await response.arrayBuffer());
    sent.push({ path, out, back });
    return new Response(back, { status: response.status, headers: response.headers });
  };
  return { sent, fetch: carried };
}

const deviceOf = (using: Primitives = primitives) => ({ ...hostDevice(using), nowMs });
const optionsOf = (carried: typeof fetch, device = deviceOf()) => ({
  baseUrl: api.address,
  chainId,
  device,
  account,
  hospitalKey: hospitalKey as PublicKey,
  fetch: carried,
});
const clientIn = (session: SealedSession) =>
  createApiClient({ baseUrl: api.address, chainId, device: deviceOf(), account, fetch: session.fetch });

beforeAll(async () => {
  town.join('patient', 'patient');
  service = await TownService.over(town);
  chainId = town.env.chainId;
  const options = { host: '127.0.0.1', port: 0, docs: false, logger: null, rateLimits: null, codes: NODE_CODES, nowMs };
  api = await createApi(service, options);
});
afterAll(() => api.close());

describe('a device in a session with its hospital', () => {
  it('uses the API as ever, many requests at once, and the wire shows neither who asks nor for what', async () => {
    const network = wire();
    const { trust, device } = { trust: { chainId, validators: town.tip.validators }, device: deviceOf() };
    const open = createApiClient({ baseUrl: api.address, chainId, device, account });
    const proven = createSession({ device, trust, api: open, account });
    const sealed = accepted(await sealedSessionWith(proven, idOf(hospitalName(1)), api.address));
    expect(await clientIn(sealed).nonce(account.id)).toBe(1);

    const session = accepted(await openSealedSession(optionsOf(network.fetch)));
    const client = clientIn(session);
    const asked = [client.nonce(account.id), client.records(account.id), client.hospitals(), client.nonce(account.id)];
    expect((await Promise.all(asked)).map((one) => (Array.isArray(one) ? one.length : one))).toEqual([1, 0, 4, 1]);
    await expect(client.audit(idOf(hospitalName(2)))).rejects.toMatchObject({ code: 'api-view.nothing-here' });
    await session.renew();
    expect(await client.nonce(account.id)).toBe(1);
    const everything = Buffer.concat(network.sent.flatMap(({ path, out, back }) => [Buffer.from(path), out, back]));
    for (const told of [account.id, account.publicKey]) {
      expect(everything.includes(Buffer.from(told))).toBe(false);
      expect(everything.includes(toHex(told))).toBe(false);
    }
    expect(new Set(network.sent.map(({ path }) => path.split('/').at(-1)))).toEqual(
      new Set(['sessions', 'finish', 'messages', 'renewals']),
    );
  });

  it('costs, over this route, the operations and bytes that the page says', async () => {
    const network = wire();
    const [patient, hospital] = [counting(), counting()];
    const before = service.sessions;
    const { dutySecret, clock } = { dutySecret: secretOf(`${hospitalName(1)} duty`), clock: () => 0 };
    Object.assign(service, {
      sessions: new SessionDesk({ primitives: hospital.primitives, chainId, dutySecret, clock }),
    });
    const session = accepted(await openSealedSession(optionsOf(network.fetch, deviceOf(patient.primitives))));
    expect(patient.counts).toEqual({ sign: 1, verify: 1, ecdh: 1, publicKeyOf: 2 });
    expect(hospital.counts).toEqual({ sign: 1, verify: 1, ecdh: 1, publicKeyOf: 3 });
    await clientIn(session).nonce(account.id);
    await session.renew();
    Object.assign(service, { sessions: before });
    const [begin, finish, message, renewal] = network.sent.map(({ out, back }) => [out.length, back.length]);
    expect({ begin, finish, renewal }).toEqual({ begin: [143, 314], finish: [192, 54], renewal: [52, 52] });
    // What asking costs beside the request line, and what an answer costs beside its body: forms, seals, byte strings.
    const open = wire((body) => body);
    const device = deviceOf();
    await createApiClient({ baseUrl: api.address, chainId, device, account, fetch: open.fetch }).nonce(account.id);
    const plain = open.sent[0] as Sent;
    expect([(message?.[0] ?? 0) - plain.path.length, (message?.[1] ?? 0) - plain.back.length]).toEqual([482, 83]);
  });

  it('goes no further with who is not the hospital that it means, or not of its chain', async () => {
    const network = wire();
    const meant = { ...optionsOf(network.fetch), hospitalKey: publicOf(`${hospitalName(2)} duty`) };
    expect(await openSealedSession(meant)).toMatchObject({ rejection: { code: 'crypto-session.wrong-peer' } });
    // Nothing was sent after the answer: who asks was not shown.
    expect(network.sent.map(({ path }) => path)).toEqual(['/v1/sessions']);
    const elsewhere = { ...optionsOf(network.fetch), chainId: primitives.hash(chainId) };
    await expect(openSealedSession(elsewhere)).rejects.toMatchObject({ code: 'crypto-session.malformed' });
  });

  it.each([
    [
      'changes a bit of',
      (body: Uint8Array) => body.map((byte, i) => (i === body.length - 1 ? byte ^ 1 : byte)),
      'crypto-session.wrong-keys',
    ],
    ['cuts', (body: Uint8Array) => body.subarray(0, body.length - 1), 'encoding.truncated'],
  ])('ends, and does not go on, where the network %s a message', async (_name, change, code) => {
    let isQuiet = true;
    const network = wire((body, path) => (isQuiet || !path.endsWith('messages') ? body : change(body)));
    const session = accepted(await openSealedSession(optionsOf(network.fetch)));
    const client = clientIn(session);
    await client.nonce(account.id);
    isQuiet = false;
    await expect(client.nonce(account.id)).rejects.toMatchObject({ code });
    isQuiet = true;
    await expect(client.nonce(account.id)).rejects.toMatchObject({ code: 'client-session.ended' });
    expect(session.isOpen()).toBe(false);
  });

  it('believes no old answer, no answer of another session, and none that was made for another question', async () => {
    const first = wire();
    const one = accepted(await openSealedSession(optionsOf(first.fetch)));
    await clientIn(one).nonce(account.id);
    const old = first.sent.at(-1)?.back as Uint8Array;

    const other = accepted(
      await openSealedSession(
        optionsOf(async (input, init) => {
          const response = await fetch(input, init);
          return String(input).endsWith('messages') ? new Response(old as Uint8Array<ArrayBuffer>) : response;
        }),
      ),
    );
    await expect(clientIn(other).nonce(account.id)).rejects.toMatchObject({ code: 'client-session.broken' });
    expect(other.isOpen()).toBe(false);
  });

  it('sends no stream: a large ciphertext is sealed already, and goes in the open', async () => {
    const session = accepted(await openSealedSession(optionsOf(fetch)));
    const upload = {
      bytes: 1,
      sha256: primitives.hash(new Uint8Array(1)),
      open: async function* () {
        yield new Uint8Array(1);
      },
    };
    await expect(clientIn(session).putBlob(upload)).rejects.toMatchObject({ code: 'client-session.not-sealable' });
    await expect(clientIn(session).putBlob(new Uint8Array(3))).rejects.toMatchObject({ code: 'api-session.not-here' });
  });
});
