import { expect, it } from 'vitest';
import { equal } from '../../src/base/bytes.ts';
import type { CliqueMessage } from '../../src/consensus/clique/index.ts';
import { decodeMessage } from '../../src/consensus/clique/messages.ts';
import type { EngineEffect, EngineInput } from '../../src/consensus/engine.ts';
import { CliqueCluster } from './clique-cluster.ts';
import { QUIET } from './clique-hosts.ts';

/** `who ← input → effects`, without announcements, pauses and timers that changed nothing. Blocks are named by height and sealer. */
function trace(cluster: CliqueCluster, forMs: number): string {
  const lines: string[] = [];
  const name = (id: Uint8Array) => `v${cluster.all.findIndex((member) => equal(member.id, id))}`;
  const said = (message: CliqueMessage): string =>
    message.type === 'request'
      ? 'request'
      : `${message.type} ${message.seal.height} of ${name(message.seal.validator)}`;
  const heard = (input: EngineInput<CliqueMessage>): string => {
    if (input.type === 'message') return said(input.message);
    return input.type === 'timeout' ? `timeout ${input.height}/${input.round}` : input.type;
  };
  const done = (effect: EngineEffect): string | null => {
    if (effect.type === 'schedule')
      return effect.height === 0 ? null : `schedule ${effect.height}/${effect.round} in ${effect.delayMs} ms`;
    if (effect.type === 'sign') return `sign ${effect.payload.type} ${effect.payload.height}/${effect.payload.round}`;
    if (effect.type === 'commit')
      return `commit ${effect.height} of ${name(effect.certificate.signatures[0]?.validator as Uint8Array)}`;
    if (effect.type !== 'broadcast' && effect.type !== 'send') return effect.type;
    const message = decodeMessage(effect.message);
    return message.ok && message.value.type !== 'head' ? `${effect.type} ${said(message.value)}` : null;
  };
  cluster.observe = (host, input, effects) => {
    const shown = effects.map(done).filter((text) => text !== null);
    if (shown.length > 0) lines.push(`${host.name} ← ${heard(input)} → ${shown.join(', ')}`);
  };
  cluster.run(forMs);
  return lines.join('\n');
}

it('three validators, the third of which is down: the others seal out of turn, and two blocks on top confirm one', () => {
  const cluster = new CliqueCluster({ n: 3, seed: 3, depth: 2, faults: { ...QUIET, latencyMaxMs: 3 } });
  const [, , down] = cluster.hosts;
  if (down) cluster.crash(down);
  expect(trace(cluster, 560)).toBe(
    `
v0 ← due → schedule 1/1 in 100 ms
v1 ← due → build
v1 ← built → persist, sign seal 1/2
v1 ← signed → broadcast block 1 of v1, pace
v0 ← block 1 of v1 → judge
v0 ← judged → pace
v0 ← due → schedule 2/3 in 50 ms
v0 ← timeout 2/3 → build
v0 ← built → persist, sign seal 2/3
v0 ← signed → broadcast block 2 of v0, pace
v1 ← block 2 of v0 → judge
v1 ← judged → pace
v1 ← due → schedule 3/4 in 50 ms
v1 ← timeout 3/4 → build
v1 ← built → persist, sign seal 3/4
v1 ← signed → broadcast block 3 of v1, commit 1 of v1, pace
v0 ← block 3 of v1 → judge
v0 ← judged → commit 1 of v1, pace
v0 ← due → schedule 4/5 in 100 ms
`.trim(),
  );
});
