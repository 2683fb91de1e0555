import { ok, refuse } from '../../base/result.ts';
import { engineOf } from '../../consensus/engines.ts';
import { renderGenesis } from '../../ledger/genesis.ts';
import { parameterRows } from '../../ledger/state/tables.ts';
import { aboutConsortiumUnsigned } from '../access.ts';
import { bytes, json } from '../answers.ts';
import { API_LIMITS } from '../limits.ts';
import type { Route } from '../route.ts';
import { address, bool, hash, list, nullable, oneOf, struct, text, uint } from '../schemas.ts';
import type { NodeService } from '../service.ts';

const status: Route = {
  method: 'GET',
  path: '/v1/status',
  tag: 'node',
  summary: 'What this hospital has finalised, and how it stands',
  access: aboutConsortiumUnsigned('viewStatus'),
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: struct({
      height: uint(),
      blockHash: hash,
      stateRoot: hash,
      timestampMs: uint(),
      peers: uint(),
      peerList: list(struct({ hospital: address, connected: bool })),
      chainId: hash,
      name: text(120),
      engine: oneOf('qbft', 'simplex', 'clique'),
      finality: struct({ kind: oneOf('certificate', 'depth'), confirmationDepth: nullable(uint()) }),
      head: struct({ height: uint(), blockHash: hash, final: bool }),
      hospital: address,
      validators: list(address),
      mempool: struct({ transactions: uint(), bytes: uint() }),
      offences: struct({
        total: uint(),
        newest: list(
          struct({ validator: address, type: text(32), height: uint(), round: uint(), includedHeight: uint() }),
          API_LIMITS.offencesMax,
        ),
      }),
      ready: bool,
      reason: nullable(text(64)),
      startedAtMs: uint(),
      version: text(32),
    }),
  },
  handle: async ({ service, shared }) => {
    const { header, hash: blockHash, validators, view } = service.tip();
    const standing = finalityOf(service);
    const offences = await shared.offences.list(view);
    const peerList = service.peers();
    const readiness = service.readiness();
    return json({
      height: header.height,
      blockHash,
      stateRoot: header.stateRoot,
      timestampMs: header.timestampMs,
      peers: peerList.filter(({ connected }) => connected).length,
      peerList,
      chainId: service.env.chainId,
      name: service.env.genesis.name,
      engine: service.env.genesis.engine,
      ...standing,
      hospital: service.hospital,
      validators: validators.map(({ id }) => id),
      mempool: service.mempoolSize(),
      offences,
      ready: readiness.ready,
      reason: readiness.code,
      startedAtMs: service.startedAtMs,
      version: shared.version,
    });
  },
};

/** What a reader may rely on: a block with a certificate is final; one with blocks on top is only confirmed. */
function finalityOf(service: NodeService) {
  const { header, hash: blockHash, view } = service.tip();
  const { engine, parameters } = service.env.genesis;
  const byDepth = engineOf(engine).finality === 'depth';
  const { confirmationDepth } = parameterRows.get(view, 'parameters') ?? parameters;
  const head = service.unfinal().at(-1);
  return {
    finality: { kind: engineOf(engine).finality, confirmationDepth: byDepth ? confirmationDepth : null },
    head:
      head === undefined
        ? { height: header.height, blockHash, final: !byDepth || header.height === 0 }
        : { height: head.height, blockHash: head.hash, final: false },
  };
}

const unfinal: Route = {
  method: 'GET',
  path: '/v1/unfinal',
  tag: 'node',
  summary: 'Blocks above the tip, lowest first: not final, and any of them may be replaced',
  access: 'open',
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: list(
      struct({
        height: uint(),
        blockHash: hash,
        proposer: address,
        timestampMs: uint(),
        transactions: list(hash),
        final: { type: 'boolean', const: false },
      }),
    ),
  },
  handle: ({ service }) =>
    json(
      service.unfinal().map(({ height, hash: blockHash, proposer, timestampMs, transactionIds }) => ({
        height,
        blockHash,
        proposer,
        timestampMs,
        transactions: transactionIds,
        final: false,
      })),
    ),
};

const genesis: Route = {
  method: 'GET',
  path: '/v1/genesis',
  tag: 'node',
  summary: 'The genesis file: its SHA-256 is the chain id',
  access: 'open',
  answer: { status: 200, contentType: 'application/json', schema: { type: 'object' } },
  handle: ({ service }) => bytes('application/json; charset=utf-8', renderGenesis(service.env.genesis)),
};

const metrics: Route = {
  method: 'GET',
  path: '/metrics',
  tag: 'node',
  summary: "Counters and gauges in Prometheus form, with CometBFT's names",
  access: aboutConsortiumUnsigned('viewMetrics'),
  answer: { status: 200, contentType: 'text/plain', schema: { type: 'string' } },
  handle: async ({ shared, service }) =>
    bytes('text/plain; version=0.0.4; charset=utf-8', await shared.metrics.exposition(service)),
};

const livez: Route = {
  method: 'GET',
  path: '/livez',
  tag: 'node',
  summary: 'The process answers',
  access: 'open',
  answer: { status: 200, contentType: 'application/json', schema: struct({ live: bool }) },
  handle: () => json({ live: true }),
};

const readyz: Route = {
  method: 'GET',
  path: '/readyz',
  tag: 'node',
  summary: 'The node is in step with its peers; 503 where it is not',
  access: 'open',
  answer: { status: 200, contentType: 'application/json', schema: struct({ ready: bool }) },
  handle: ({ service }) => {
    const { ready, code } = service.readiness();
    return ready ? json({ ready }) : refuse('api-node.not-ready', code === null ? undefined : { reason: code });
  },
};

const openApi: Route = {
  method: 'GET',
  path: '/openapi.json',
  tag: 'node',
  summary: 'This document',
  access: 'open',
  answer: { status: 200, contentType: 'application/json', schema: { type: 'object' } },
  handle: ({ shared }) => ok({ kind: 'json', status: 200, value: shared.openApi() }),
};

export const nodeRoutes: readonly Route[] = [status, unfinal, genesis, metrics, livez, readyz, openApi];
