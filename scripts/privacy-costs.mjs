/*
 * What the rooms of src/crypto that are not on a hot path cost: handles, search, sessions, pseudonyms, guardians. User CPU time,
 * with a node's primitives. Run: node --import tsx scripts/privacy-costs.mjs
 */
import { randomBytes } from 'node:crypto';
import { openRoot, sealRoot } from '../src/crypto/guardians.ts';
import { blindIdentifier, combineHandle, evaluateBlinded, verifyEvaluation } from '../src/crypto/oprf/handle.ts';
import {
  checkDeal,
  checkDealtShare,
  deal,
  dealEntropyBytes,
  dealHash,
  handleKeyOf,
  joinKey,
} from '../src/crypto/oprf/key-generation.ts';
import { pseudonymOf } from '../src/crypto/pseudonym.ts';
import { buildIndex } from '../src/crypto/search/index-build.ts';
import { makeTrapdoor, matchTrapdoor, openMatches, storedIndex } from '../src/crypto/search/trapdoor.ts';
import {
  answerRenewal,
  completeRenewal,
  offerRenewal,
  openMessage,
  sealMessage,
} from '../src/crypto/session/channel.ts';
import { accept, confirm, finish, initiate, respond, SESSION_ENTROPY_BYTES } from '../src/crypto/session/handshake.ts';
import { nativePrimitives } from '../src/node/primitives.ts';

const primitives = nativePrimitives();
const random = (bytes) => new Uint8Array(randomBytes(bytes));
const value = (result) => {
  if (!result.ok) throw new Error(result.rejection.code);
  return result.value;
};

/** The median of five rounds, each of `runs`, after one that warms up. */
function measure(name, runs, work) {
  const round = () => {
    const before = process.cpuUsage();
    for (let i = 0; i < runs; i++) work();
    return process.cpuUsage(before).user / runs;
  };
  round();
  const figures = Array.from({ length: 5 }, round).sort((a, b) => a - b);
  process.stdout.write(`${name}: ${figures[2].toFixed(figures[2] < 10 ? 1 : 0)} µs\n`);
}

process.stdout.write(`${primitives.name}\n`);
const terms = { ceremony: random(32), holders: 4, threshold: 3 };
const dealings = [1, 2, 3, 4].map((n) => deal(primitives, terms, n, random(dealEntropyBytes(terms))));
const deals = dealings.map((each) => each.deal);
const key = value(handleKeyOf(primitives, terms, deals));
const shares = [1, 2, 3, 4].map((n) =>
  value(
    joinKey(
      primitives,
      key,
      n,
      dealings.map((each) => each.shares[n - 1]),
    ),
  ),
);
const identifier = { type: 'urn:oid:2.16.756.5.32', value: '756.1234.5678.97' };
const blinding = blindIdentifier(primitives, identifier, random(48));
const evaluate = (n) =>
  value(evaluateBlinded(primitives, { holder: n, share: shares[n - 1], entropy: random(48) }, blinding.blinded));
const replies = [1, 2, 3].map(evaluate);
measure('handle: blind', 40, () => blindIdentifier(primitives, identifier, random(48)));
measure('handle: evaluate with proof', 100, () => evaluate(1));
measure('handle: verify one evaluation', 100, () => verifyEvaluation(primitives, key, blinding.blinded, replies[0]));
measure('handle: combine 3 of 4, verification included', 40, () =>
  combineHandle(primitives, { key, blinding }, replies),
);
measure('key: deal, 3 of 4', 40, () => deal(primitives, terms, 1, random(dealEntropyBytes(terms))));
measure('key: check one deal', 40, () => checkDeal(primitives, terms, dealHash(primitives, terms, deals[0]), deals[0]));
measure('key: check one dealt share', 40, () => checkDealtShare(primitives, deals[0], 2, dealings[0].shares[1]));

const identityRoot = random(32);
const name = { chainId: random(32), hospital: random(20), epoch: 0, build: random(16) };
const postings = new Map(
  Array.from({ length: 20 }, (_, w) => [`code|${w}`, Array.from({ length: 5 }, () => random(32))]),
);
const build = () => value(buildIndex(primitives, { identityRoot, name, padding: 'coarse' }, postings));
const entries = build();
const stored = storedIndex(name, entries);
const { trapdoor, keys } = makeTrapdoor(identityRoot, name, 'code|3');
const answer = value(matchTrapdoor(stored, trapdoor));
measure(
  `search: build, per entry (${entries.length} entries)`,
  5 * entries.length,
  (() => {
    let left = 0;
    return () => {
      if (left-- === 0) {
        build();
        left = entries.length - 1;
      }
    };
  })(),
);
measure('search: trapdoor', 200, () => makeTrapdoor(identityRoot, name, 'code|3'));
measure('search: match, 8 entries', 200, () => matchTrapdoor(stored, trapdoor));
measure('search: open, 8 entries', 200, () => openMatches(primitives, { name, keys }, answer));

const patient = { chainId: random(32), secret: random(32) };
const hospital = { chainId: patient.chainId, secret: random(32) };
const expected = primitives.publicKeyOf(hospital.secret);
const hello = initiate(primitives, patient, expected, random(SESSION_ENTROPY_BYTES));
const reply = value(respond(primitives, hospital, random(SESSION_ENTROPY_BYTES), hello.message));
const finished = value(finish(primitives, hello.state, reply.message));
const accepted = value(accept(primitives, reply.state, finished.message));
const channel = value(confirm(finished.state, accepted.message));
measure('session: initiate + finish + confirm (patient)', 100, () => {
  initiate(primitives, patient, expected, random(SESSION_ENTROPY_BYTES));
  value(finish(primitives, hello.state, reply.message));
  value(confirm(finished.state, accepted.message));
});
measure('session: respond + accept (hospital)', 100, () => {
  value(respond(primitives, hospital, random(SESSION_ENTROPY_BYTES), hello.message));
  value(accept(primitives, reply.state, finished.message));
});
const text = random(1_024);
const sent = value(sealMessage(primitives, channel, text)).message;
measure('session: seal 1 KiB', 500, () => sealMessage(primitives, channel, text));
measure('session: open 1 KiB', 500, () => value(openMessage(primitives, accepted.channel, sent)));
const offer = value(offerRenewal(primitives, channel, random(48)));
const renewed = value(answerRenewal(primitives, accepted.channel, offer.message, random(48)));
measure('session: renewal, both sides', 100, () => {
  value(offerRenewal(primitives, channel, random(48)));
  value(answerRenewal(primitives, accepted.channel, offer.message, random(48)));
  value(completeRenewal(primitives, offer.state, renewed.message));
});
process.stdout.write(`session: renewal ${offer.message.length} + ${renewed.message.length} bytes\n`);

measure('pseudonym: all keys', 100, () => pseudonymOf(primitives, identityRoot, { ...name, generation: 0 }));
const rootName = { chainId: name.chainId, owner: name.hospital, purpose: 'recovery', root: 'identity' };
const secrets = { guardianSecret: random(32), hospitalSecret: random(32) };
const seal = sealRoot(primitives, { name: rootName, secrets, salt: random(32) }, identityRoot);
measure('guardians: seal', 200, () =>
  sealRoot(primitives, { name: rootName, secrets, salt: random(32) }, identityRoot),
);
measure('guardians: open', 200, () => openRoot(primitives, { name: rootName, secrets }, seal));
