import { dh, g, Knowledge, type Term, textOf, tuple } from './terms.ts';

/*
 * The handshake of docs/specification/session.md as a system of terms, and an exhaustive search: the attacker carries every message, and
 * gives an honest party anything that it can make. A party accepts exactly one form of a message for each choice of the fields
 * that are free (an ephemeral key, a nonce, an identity); so the search tries every choice, and asks whether the attacker can
 * make that form. Bounded: the instances of a scenario, one scalar and one nonce of the attacker's own.
 */

/** What can be left out, to see that the search finds what then goes wrong. */
export interface Variant {
  /** What is signed: the transcript, or the two nonces alone. */
  readonly signs: 'transcript' | 'nonces';
  /** Whether identities, signatures and MACs are sealed. */
  readonly sealed: boolean;
  readonly mac: boolean;
  /** Whether initiator and responder have different tags and keys, and a proof covers what came before it. */
  readonly roles: boolean;
  /** What the confirmation and the session keys are about. */
  readonly keysFrom: 'finished' | 'reply';
  /** Whether the initiator names the peer it means. */
  readonly namesPeer: boolean;
}
export const AS_SPECIFIED: Variant = {
  signs: 'transcript',
  sealed: true,
  mac: true,
  roles: true,
  keysFrom: 'finished',
  namesPeer: true,
};

export interface Instance {
  readonly role: 'initiator' | 'responder';
  readonly agent: string;
  /** Whom an initiator means. */
  readonly peer?: string;
}

export interface Scenario {
  readonly instances: readonly Instance[];
  /** Agents whose long-term keys the attacker has from the beginning; it always has E's. */
  readonly leaked?: readonly string[];
}

/** How far an instance is, and what it believes. */
interface Progress {
  readonly stage: 0 | 1 | 2;
  /** Terms by which two sides are compared: equal keys are equal terms. */
  readonly reply?: Term;
  readonly session?: Term;
  readonly peer?: string;
  readonly theirs?: string;
  readonly nonces?: readonly [string, string];
}
interface State {
  readonly knowledge: Knowledge;
  readonly progress: readonly Progress[];
}

export interface Finding {
  readonly property: 'initiator agrees' | 'responder agrees' | 'secrecy' | 'forward secrecy';
  readonly instance: number;
}

const AGENTS = ['A', 'B', 'E'];
const scalarOf = (n: number) => `x${n}`;
const nonceOf = (n: number) => `n${n}`;

interface Views {
  readonly transcript: Term;
  readonly shared: Term;
  readonly nonces: readonly [string, string];
}

function proof(
  variant: Variant,
  role: string,
  { transcript, shared, nonces }: Views,
  identity: string,
  peer: string,
): Term {
  const tag = variant.roles ? role : 'either';
  const about = variant.signs === 'transcript' ? transcript : tuple(...nonces);
  const signature: Term = ['sig', identity, tuple(tag, about, identity, variant.namesPeer ? peer : 'nobody')];
  const mac: Term = [
    'mac',
    ['key', `mac ${tag}`, shared, variant.roles ? transcript : 'once'],
    tuple(identity, signature),
  ];
  const content = tuple(identity, signature, ...(variant.mac ? [mac] : []));
  return variant.sealed
    ? ['enc', ['key', `seal ${tag}`, shared, variant.roles ? transcript : 'once'], content]
    : content;
}

const afterReply = (gx: Term, gy: Term, [ni, nr]: readonly [string, string]): Term => tuple('chain', gx, ni, gy, nr);
const afterProof = (variant: Variant, before: Term, sent: Term): Term => (variant.roles ? tuple(before, sent) : before);

/** Every state that the attacker can bring about, and what goes wrong in one of them. */
export function search(
  variant: Variant,
  scenario: Scenario,
): { states: number; findings: readonly Finding[]; completed: number } {
  const { instances, leaked = [] } = scenario;
  const start: State = {
    // All initiators begin at once: it only gives the attacker more, earlier.
    knowledge: Knowledge.of([
      ...['chain', 'once', 'nobody', 'initiator', 'responder', 'either', 'accepted', ...AGENTS],
      ...['mac', 'seal'].flatMap((use) => ['initiator', 'responder', 'either'].map((tag) => `${use} ${tag}`)),
      'session',
      'confirmation',
      ...['e', 'ne', 'secret of E', ...leaked.map((agent) => `secret of ${agent}`)],
      ...instances.flatMap(({ role }, n) => (role === 'initiator' ? [g(scalarOf(n)), nonceOf(n)] : [])),
    ]),
    progress: instances.map(() => ({ stage: 0 })),
  };
  const seen = new Set<string>();
  const findings = new Map<string, Finding>();
  let completed = 0;
  const stack = [start];
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    const key = JSON.stringify(state.progress);
    if (seen.has(key)) continue;
    seen.add(key);
    for (const finding of wrongIn(scenario, state)) findings.set(JSON.stringify(finding), finding);
    if (state.progress.every(({ stage }) => stage === 2)) completed++;
    for (const n of instances.keys()) stack.push(...nextOf(variant, instances, state, n));
  }
  return { states: seen.size, findings: [...findings.values()], completed };
}

/** Scalars whose public halves the attacker can send, its own included. */
const scalarsIn = ({ knowledge }: State): string[] => [
  'e',
  ...knowledge.terms.flatMap((term) => (typeof term !== 'string' && term[0] === 'g' ? [String(term[1])] : [])),
];
const noncesIn = ({ knowledge }: State): string[] =>
  knowledge.terms.filter((term): term is string => typeof term === 'string' && /^n(e|\d+)$/.test(term));

function nextOf(variant: Variant, instances: readonly Instance[], state: State, n: number): State[] {
  const instance = instances[n] as Instance;
  const progress = state.progress[n] as Progress;
  const to = (changed: Progress, sent: readonly Term[]): State => ({
    knowledge: state.knowledge.learn(sent),
    progress: state.progress.map((each, i) => (i === n ? changed : each)),
  });
  if (progress.stage === 2) return [];
  if (instance.role === 'responder') return progress.stage === 0 ? replies() : acceptances();
  return progress.stage === 0 ? finishes() : confirmations();

  function replies(): State[] {
    return choices().map(([theirs, nonce]) => {
      const nonces = [nonce, nonceOf(n)] as const;
      const shared = dh(scalarOf(n), theirs);
      const transcript = afterReply(g(theirs), g(scalarOf(n)), nonces);
      const sent = proof(variant, 'responder', { transcript, shared, nonces }, instance.agent, 'nobody');
      const reply = afterProof(variant, transcript, sent);
      return to({ stage: 1, reply, theirs, nonces }, [g(scalarOf(n)), nonceOf(n), sent]);
    });
  }

  function finishes(): State[] {
    const peer = instance.peer as string;
    return choices().flatMap(([theirs, nonce]) => {
      if (theirs === scalarOf(n) || nonce === nonceOf(n)) return [];
      const nonces = [nonceOf(n), nonce] as const;
      const shared = dh(scalarOf(n), theirs);
      const transcript = afterReply(g(scalarOf(n)), g(theirs), nonces);
      const expected = proof(variant, 'responder', { transcript, shared, nonces }, peer, 'nobody');
      if (!state.knowledge.canMake(expected)) return [];
      const reply = afterProof(variant, transcript, expected);
      const own = proof(variant, 'initiator', { transcript: reply, shared, nonces }, instance.agent, peer);
      const session = sessionOf(variant, shared, reply, own);
      return [to({ stage: 1, reply, session, peer }, [own])];
    });
  }

  function acceptances(): State[] {
    const { reply, theirs, nonces } = progress as Required<Progress>;
    const shared = dh(scalarOf(n), theirs);
    return AGENTS.flatMap((peer) => {
      // Without roles nobody would notice that he hears himself.
      if (variant.roles && peer === instance.agent) return [];
      const expected = proof(variant, 'initiator', { transcript: reply, shared, nonces }, peer, instance.agent);
      if (!state.knowledge.canMake(expected)) return [];
      const session = sessionOf(variant, shared, reply, expected);
      return [to({ ...progress, stage: 2, session, peer }, [confirmation(session)])];
    });
  }

  function confirmations(): State[] {
    const expected = confirmation(progress.session as Term);
    return state.knowledge.canMake(expected) ? [to({ ...progress, stage: 2 }, [])] : [];
  }

  function choices(): (readonly [string, string])[] {
    return [...new Set(scalarsIn(state))].flatMap((scalar) => noncesIn(state).map((nonce) => [scalar, nonce] as const));
  }
}

const sessionOf = (variant: Variant, shared: Term, reply: Term, finish: Term): Term => [
  'key',
  'session',
  shared,
  variant.keysFrom === 'finished' ? tuple(reply, finish) : reply,
];
const confirmation = (session: Term): Term => ['mac', ['key', 'confirmation', session], 'accepted'];

/** The promises, in this state. */
function wrongIn({ instances, leaked = [] }: Scenario, { knowledge, progress }: State): Finding[] {
  const findings: Finding[] = [];
  const honest = (agent: string) => agent !== 'E' && !leaked.includes(agent);
  const later = knowledge.learn(AGENTS.map((agent) => `secret of ${agent}`));
  progress.forEach(({ stage, session, peer }, n) => {
    const { role, agent } = instances[n] as Instance;
    if (stage !== 2 || session === undefined || peer === undefined || !honest(peer)) return;
    const same = instances.flatMap((other, i) => {
      const theirs = progress[i] as Progress;
      const agrees =
        other.role !== role &&
        other.agent === peer &&
        theirs.session !== undefined &&
        textOf(theirs.session) === textOf(session) &&
        theirs.peer === agent;
      return agrees ? [i] : [];
    });
    // Exactly one: nobody, and two that take one session for theirs, are both wrong.
    if (same.length !== 1)
      findings.push({ property: role === 'initiator' ? 'initiator agrees' : 'responder agrees', instance: n });
    if (knowledge.canMake(session)) findings.push({ property: 'secrecy', instance: n });
    else if (later.canMake(session)) findings.push({ property: 'forward secrecy', instance: n });
  });
  return findings;
}
