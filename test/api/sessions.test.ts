import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encode } from '../../src/base/canonical.ts';
import {
  answerRenewal,
  completeRenewal,
  offerRenewal,
  openMessage,
  sealMessage,
} from '../../src/crypto/session/channel.ts';
import { encloseRequest } from '../../src/crypto/session/enclosed.ts';
import { finish, initiate, respond, SESSION_ENTROPY_BYTES } from '../../src/crypto/session/handshake.ts';
import { NODE_CODES } from '../../src/node/codes.ts';
import { NODE_LIMITS } from '../../src/node/limits.ts';
import { accepted } from '../support/person.ts';
import { Initiator, openedBy, read } from './session-support.ts';
import {
  apiOver,
  ask,
  DAG_CBOR,
  hash,
  idOf,
  idText,
  inject,
  primitives,
  publicOf,
  type Request,
  secretOf,
} from './support.ts';
import { buildWorld, hospitalName } from './world.ts';

const entropy = () => new Uint8Array(randomBytes(SESSION_ENTROPY_BYTES));
const own = (id: string): Request => ({ url: `/v1/participants/${id}` });
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function town() {
  const world = await buildWorld();
  return { ...world, app: await apiOver(world.service, { codes: NODE_CODES }) };
}

describe('a session over the API', () => {
  it('carries the requests that go in the open, with the same answers and refusals, one after another', async () => {
    const { app, service, patient } = await town();
    const session = await openedBy(app, service, 'patient');
    for (const request of [
      own(patient),
      { url: `/v1/participants/${idText(idOf('doctor'))}` },
      { url: '/v1/status' },
    ]) {
      const open = await ask(app, service, 'patient', request);
      const sealed = await session.ask('patient', request);
      expect([sealed.status, sealed.contentType, text(sealed.body)]).toEqual([
        open.statusCode,
        open.headers['content-type'],
        open.body,
      ]);
    }
    const fragments: Request = {
      method: 'POST',
      url: '/v1/fragments',
      body: {
        grantId: idText(hash('grant')),
        patient,
        grantee: idText(idOf('doctor')),
        fragments: [
          {
            holder: idText(idOf('hospital 2')),
            category: '00'.repeat(16),
            epoch: 0,
            fragmentId: idText(hash('f')),
            fragment: 'c0ffee',
          },
        ],
      },
    };
    const sealed = session.request('patient', fragments);
    const wire = session.seal(sealed);
    expect(Buffer.from(sealed).includes('c0ffee')).toBe(true);
    expect(Buffer.from(wire).includes('c0ffee')).toBe(false);
    expect((await session.send(wire)) instanceof Uint8Array).toBe(true);
    expect(service.openViews).toBe(0);
  });

  it('shows nobody but the hospital who asks: no byte of either key is in a message of the handshake', async () => {
    const { app, service } = await town();
    const session = await openedBy(app, service, 'patient');
    const wire = Buffer.concat(session.messages.map((one) => Buffer.from(one)));
    expect(wire.includes(Buffer.from(publicOf('patient').slice(1)))).toBe(false);
    expect(wire.includes(Buffer.from(idOf('patient')))).toBe(false);
    expect(wire.includes(Buffer.from(service.dutyKey().slice(1)))).toBe(false);
  });

  it('is refused to a stranger, to who is not admitted yet, and to the hospital itself, after they showed themselves', async () => {
    const { app, service } = await town();
    const { town: ledger } = service;
    service.seal(() => ledger.act('pending', 'enrol', ledger.enrolment('pending', 'patient', hospitalName(1))));
    for (const who of ['stranger', 'pending'])
      expect([who, await new Initiator(app, service, who).open()]).toEqual([who, 'node-session.not-allowed']);
    expect(await new Initiator(app, service, 'hospital 1 duty').open()).toBe('crypto-session.reflected');
    expect(service.sessions.size).toEqual({ begun: 0, open: 0 });
  });

  it('is not had with an impostor: who answers with another key learns not who asked', async () => {
    const { service } = await town();
    const party = { chainId: service.env.chainId, secret: secretOf('patient') };
    const hello = initiate(primitives, party, service.dutyKey(), entropy());
    const impostor = { chainId: service.env.chainId, secret: secretOf('an impostor') };
    const reply = accepted(respond(primitives, impostor, entropy(), hello.message));
    expect(finish(primitives, hello.state, reply.message)).toMatchObject({
      rejection: { code: 'crypto-session.wrong-peer' },
    });
  });

  it('is not had with another hospital than the one meant, and a proof for one is none for another', async () => {
    const [a, b] = [await town(), await town()];
    // The keys of two hospitals are mixed up: the patient means hospital 2, and hospital 1 answers.
    expect(await new Initiator(a.app, a.service, 'patient').open(publicOf('hospital 2 duty'))).toBe(
      'crypto-session.wrong-peer',
    );
    // Relayed: message 1 goes to both, and message 3, made for one, is shown to the other.
    const party = { chainId: a.service.env.chainId, secret: secretOf('patient') };
    const hello = initiate(primitives, party, a.service.dutyKey(), entropy());
    const begin = async ({ app }: typeof a) => {
      const answer = await inject(app, { method: 'POST', url: '/v1/sessions', body: hello.message, type: DAG_CBOR });
      return read<{ session: Uint8Array; message: Uint8Array }>(new Uint8Array(answer.rawPayload));
    };
    const [atA, atB] = [await begin(a), await begin(b)];
    const shown = accepted(finish(primitives, hello.state, atA.message));
    const finishAt = ({ app }: typeof a, session: Uint8Array) =>
      inject(app, {
        method: 'POST',
        url: `/v1/sessions/${Buffer.from(session).toString('hex')}/finish`,
        body: shown.message,
        type: DAG_CBOR,
      });
    expect((await finishAt(b, atB.session)).json()).toMatchObject({ error: { code: 'crypto-session.wrong-keys' } });
    expect((await finishAt(a, atA.session)).statusCode).toBe(200);
    // And the same transcript again, at its own hospital: the handshake had its one try.
    expect((await finishAt(a, atA.session)).json()).toMatchObject({ error: { code: 'node-session.unknown' } });
    expect([a.service.sessions.size.open, b.service.sessions.size]).toEqual([1, { begun: 0, open: 0 }]);
  });

  it('refuses each message of an old session in a new one, and every message with a bit changed', async () => {
    const { app, service } = await town();
    const old = await openedBy(app, service, 'patient');
    const sealed = old.seal(old.request('patient', { url: '/v1/status' }));
    expect((await old.send(sealed)) instanceof Uint8Array).toBe(true);

    const again = new Initiator(app, service, 'patient');
    const begun = read<{ session: Uint8Array }>(
      (await again.post('/v1/sessions', old.messages[0] as Uint8Array)) as Uint8Array,
    );
    const id = Buffer.from(begun.session).toString('hex');
    expect(await again.post(`/v1/sessions/${id}/finish`, old.messages[2] as Uint8Array)).toBe(
      'crypto-session.wrong-keys',
    );

    const fresh = await openedBy(app, service, 'patient');
    expect(await fresh.send(sealed)).toBe('crypto-session.wrong-keys');
    const next = fresh.seal(fresh.request('patient', { url: '/v1/status' }));
    for (let at = 0; at < next.length; at += 7) {
      const altered = next.slice();
      altered[at] = (altered[at] as number) ^ 1;
      expect(await fresh.send(altered)).toBe('crypto-session.wrong-keys');
    }
    // What was refused changed nothing: the message itself still opens.
    expect((await fresh.send(next)) instanceof Uint8Array).toBe(true);
  });

  it('takes messages in their order alone: repeated, left out, swapped or sent back ones are refused', async () => {
    const { app, service } = await town();
    const session = await openedBy(app, service, 'patient');
    const [first, second] = [1, 2].map(() => session.seal(session.request('patient', { url: '/v1/status' })));
    expect(await session.send(second as Uint8Array)).toBe('crypto-session.wrong-keys');
    const answer = (await session.send(first as Uint8Array)) as Uint8Array;
    expect(await session.send(first as Uint8Array)).toBe('crypto-session.wrong-keys');
    expect(await session.send(answer)).toBe('crypto-session.wrong-keys');
    expect((await session.send(second as Uint8Array)) instanceof Uint8Array).toBe(true);
  });

  it("answers no other's request, though its peer got hold of one that is rightly signed", async () => {
    const { app, service, patient } = await town();
    const session = await openedBy(app, service, 'doctor');
    const stolen = await session.ask('patient', own(patient));
    expect(JSON.parse(text(stolen.body))).toMatchObject({ error: { code: 'api-session.wrong-signer' } });
    // The peer of a session is not believed without a signature either: every rule of the API holds inside.
    const unsigned = await session.ask(null, own(patient));
    expect(unsigned.status).toBe(401);
  });

  it('is told inside, sealed, what is wrong with nonsense, and goes on', async () => {
    const { app, service } = await town();
    const session = await openedBy(app, service, 'patient');
    const nonsense = [
      new Uint8Array(0),
      encode({ a: 1 }),
      encloseRequest({ ...REQUEST, target: 'http://elsewhere/v1/status' }),
    ];
    for (const sealed of nonsense) {
      const answer = (await session.send(session.seal(sealed))) as Uint8Array;
      expect(text(session.unseal(answer))).toContain('api-body.invalid');
    }
    expect((await session.ask('patient', { url: '/v1/status' })).status).toBe(200);
  });

  it('is renewed, after which a state stolen before opens nothing (backward secrecy), nor anything sent before it (forward)', async () => {
    const { app, service } = await town();
    const session = await openedBy(app, service, 'patient');
    const before = session.seal(session.request('patient', { url: '/v1/status' }));
    session.unseal((await session.send(before)) as Uint8Array);
    const stolen = session.channel as NonNullable<typeof session.channel>;
    // The thief has the patient's state: he can seal in her name until it is renewed, but opens nothing of before.
    expect(openMessage(primitives, { ...stolen, receiving: stolen.sending }, before).ok).toBe(false);
    const offered = accepted(offerRenewal(primitives, stolen, entropy().slice(0, 48)));
    const answer = (await session.post(
      `/v1/sessions/${session.session}/renewals`,
      encode(offered.message),
    )) as Uint8Array;
    session.channel = accepted(completeRenewal(primitives, offered.state, read<Uint8Array>(answer)));
    const after = (await session.send(session.seal(session.request('patient', { url: '/v1/status' })))) as Uint8Array;
    expect(openMessage(primitives, stolen, after).ok).toBe(false);
    expect(openMessage(primitives, offered.state.channel, after).ok).toBe(false);
    // What he seals with the old state, or the answer that he would give to the offer, is worth nothing.
    expect(await session.send(accepted(sealMessage(primitives, stolen, Uint8Array.of(1))).message)).toBe(
      'crypto-session.wrong-keys',
    );
    expect(answerRenewal(primitives, stolen, offered.message, entropy().slice(0, 48)).ok).toBe(false);
    session.unseal(after);
    expect((await session.ask('patient', { url: '/v1/status' })).status).toBe(200);
  });
});

const REQUEST = {
  method: 'GET',
  target: '/v1/status',
  contentType: null,
  contentDigest: null,
  signatureInput: null,
  signature: null,
  body: new Uint8Array(0),
};

describe('the bounds of sessions', () => {
  it('ends what was begun within seconds, what lies idle within minutes, and everything within the hour', async () => {
    const { app, service } = await town();
    const party = { chainId: service.env.chainId, secret: secretOf('patient') };
    const hello = initiate(primitives, party, service.dutyKey(), entropy());
    const late = new Initiator(app, service, 'patient');
    const begun = read<{ session: Uint8Array; message: Uint8Array }>(
      (await late.post('/v1/sessions', hello.message)) as Uint8Array,
    );
    service.nowMs += NODE_LIMITS.sessionHandshakeMs;
    const shown = accepted(finish(primitives, hello.state, begun.message));
    const id = Buffer.from(begun.session).toString('hex');
    expect(await late.post(`/v1/sessions/${id}/finish`, shown.message)).toBe('node-session.unknown');

    const idle = await openedBy(app, service, 'patient');
    service.nowMs += NODE_LIMITS.sessionIdleMs;
    expect(await idle.send(idle.seal(new Uint8Array(0)))).toBe('node-session.unknown');

    const busy = await openedBy(app, service, 'patient');
    const until = service.nowMs + NODE_LIMITS.sessionLifeMs;
    for (; service.nowMs + NODE_LIMITS.sessionIdleMs < until; service.nowMs += NODE_LIMITS.sessionIdleMs - 1)
      expect((await busy.ask('patient', { url: '/v1/status' })).status).toBe(200);
    service.nowMs = until;
    expect(await busy.send(busy.seal(new Uint8Array(0)))).toBe('node-session.unknown');
    expect(service.sessions.size).toEqual({ begun: 0, open: 0 });
  });

  it('lets one address begin so many and one key keep so many; the longest unused of a key gives way to its next', async () => {
    const { app, service } = await town();
    const doctor = await openedBy(app, service, 'doctor');
    const first = await openedBy(app, service, 'patient');
    for (let i = 0; i < NODE_LIMITS.sessionsPerPeerMax; i++) await openedBy(app, service, 'patient');
    expect(service.sessions.size.open).toBe(NODE_LIMITS.sessionsPerPeerMax + 1);
    expect(await first.send(first.seal(new Uint8Array(0)))).toBe('node-session.unknown');
    expect((await doctor.ask('doctor', { url: '/v1/status' })).status).toBe(200);

    const party = { chainId: service.env.chainId, secret: secretOf('patient') };
    const hello = () => initiate(primitives, party, service.dutyKey(), entropy()).message;
    const begin = () => service.sessions.begin('10.0.0.1', hello());
    for (let i = 0; i < NODE_LIMITS.sessionsBegunPerAddressMax; i++) expect(begin().ok).toBe(true);
    expect(begin()).toMatchObject({ rejection: { code: 'node-session.too-many' } });
    expect(service.sessions.begin('10.0.0.2', hello()).ok).toBe(true);
    service.nowMs += NODE_LIMITS.sessionHandshakeMs;
    expect(begin().ok).toBe(true);
    expect(service.sessions.size.begun).toBe(1);
  });

  it('works on one message of a session at a time, and ends a session whose answer broke on the way', async () => {
    const { app, service } = await town();
    const session = await openedBy(app, service, 'patient');
    let release = (_: Uint8Array): void => {};
    const slow = new Promise<Uint8Array>((resolve) => {
      release = resolve;
    });
    const [one, two] = [session.seal(new Uint8Array(1)), session.seal(new Uint8Array(1))];
    const working = service.sessions.answer(session.session, one, () => slow);
    expect(await session.send(two)).toBe('node-session.busy');
    service.nowMs += NODE_LIMITS.sessionLifeMs;
    release(new Uint8Array(3));
    expect((await working).ok).toBe(true);

    const other = await openedBy(app, service, 'patient');
    const broken = service.sessions.answer(other.session, other.seal(new Uint8Array(1)), async () => {
      throw new Error('the disk failed');
    });
    await expect(broken).rejects.toThrow('the disk failed');
    expect(await other.send(other.seal(new Uint8Array(1)))).toBe('node-session.unknown');
  });
});
