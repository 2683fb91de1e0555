import type { Hash, TimestampMs } from '../base/brand.ts';
import { fromHex, toHex, utf8 } from '../base/bytes.ts';
import type { BaseCode } from '../base/codes.ts';
import { addressOf } from '../base/digest.ts';
import { LIMITS } from '../base/limits.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { HandleKey } from '../crypto/oprf/handle.ts';
import { handleKeyShape, isOneKey } from '../crypto/oprf/published-key.ts';
import { parsePolicies } from '../vm/index.ts';
import { parseSchema } from '../vm/schema/read-schema.ts';
import type { LedgerEnv } from './chain.ts';
import type { LedgerCode } from './codes.ts';
import type { ShareJudge } from './evaluation/share-judge.ts';
import { judgeUmbralShare } from './evaluation/umbral-judge.ts';
import { hospitalRecordShape } from './families/payloads.ts';
import { parametersShape } from './parameters.ts';
import { readPolicyTrees } from './policy/read-policies.ts';
import { checkStrictly } from './policy/schema-of.ts';

const genesisFields = {
  version: shape.uint(1),
  /** For people; the chain's identity is the hash of the file. */
  name: shape.text(120),
  engine: shape.oneOf('qbft', 'simplex', 'clique'),
  timestampMs: shape.timestampShape as shape.Shape<TimestampMs>,
  parameters: parametersShape,
  /** Those with a validator key are the first validator set. */
  hospitals: shape.list(hospitalRecordShape, LIMITS.validatorsMax, 1),
  /** The constitution: who may do and see what, from the first block on. */
  policies: shape.list(
    shape.struct({ id: shape.text(64), text: shape.text(LIMITS.policyTextBytesMax) }),
    LIMITS.policiesMax,
    1,
  ),
};
const plainShape = shape.struct(genesisFields);
/** What a genesis file may have beside. */
const moreFields = { schema: shape.text(LIMITS.policyTextBytesMax), handleKey: handleKeyShape };
export type Genesis = shape.Shaped<typeof plainShape> & {
  /** What policies may name (Cedar schema): deployed ones are held to it. A chain without one takes no new policies. */
  readonly schema?: string;
  /** The joint key of identifiers' handles; holder i is the ith hospital (docs/specification/handles.md). */
  readonly handleKey?: HandleKey;
};

const genesisShape: shape.Shape<Genesis> = (value, path) => {
  const has = (field: string): boolean => typeof value === 'object' && value !== null && Object.hasOwn(value, field);
  const more = Object.entries(moreFields).filter(([field]) => has(field));
  return shape.struct({ ...genesisFields, ...Object.fromEntries(more) })(value, path) as Result<Genesis, BaseCode>;
};

/**
 * The genesis file is JSON that people can read, in one canonical form: two spaces, keys in our order, keys in hexadecimal,
 * policies as lists of lines. The chain id is the SHA-256 of its bytes, so any other text is another chain.
 */
export function parseGenesis(
  primitives: Primitives,
  text: string,
): Result<{ readonly genesis: Genesis; readonly chainId: Hash }, LedgerCode | BaseCode> {
  const bytes = utf8(text);
  if (bytes.length > LIMITS.genesisBytesMax) return refuse('encoding.too-large', { bytesMax: LIMITS.genesisBytesMax });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse('genesis.malformed');
  }
  const read = genesisShape(fromFile(json), '');
  if (!read.ok) return read;
  const genesis = read.value;
  // Repeated keys, other spacing and __proto__ do not survive this.
  if (renderGenesis(genesis) !== text) return refuse('genesis.malformed');
  const consistent = checkConsistent(primitives, genesis);
  return consistent.ok ? ok({ genesis, chainId: primitives.hash(bytes) }) : consistent;
}

export const renderGenesis = (genesis: Genesis): string => `${JSON.stringify(toFile(genesis), null, 2)}\n`;

export const createEnv = (
  primitives: Primitives,
  { genesis, chainId }: { readonly genesis: Genesis; readonly chainId: Hash },
  judgeShare: ShareJudge = judgeUmbralShare,
): LedgerEnv => ({
  primitives,
  genesis,
  chainId,
  policyMemo: { current: null },
  rowMemo: new Map(),
  patientSets: new Map(),
  schemaMemo: { current: undefined },
  judgeShare,
});

/** All policies of the constitution as one text: what the state keeps. */
export const policyTextOf = (genesis: Genesis): string => genesis.policies.map(({ text }) => text).join('\n');

const KEY_FIELDS = ['accountKey', 'validatorKey', 'dutyKey'] as const;

function toFile(genesis: Genesis): unknown {
  const { version, name, engine, timestampMs, parameters, hospitals, policies, schema, handleKey } = genesis;
  return {
    version,
    name,
    engine,
    timestampMs,
    parameters: sameOrder(parameters),
    hospitals: hospitals.map((hospital) => ({
      name: hospital.name,
      tier: hospital.tier,
      accountKey: toHex(hospital.accountKey),
      validatorKey: hospital.validatorKey === null ? null : toHex(hospital.validatorKey),
      dutyKey: toHex(hospital.dutyKey),
      peerId: hospital.peerId,
      addresses: hospital.addresses,
    })),
    policies: policies.map(({ id, text }) => ({ id, text: text.split('\n') })),
    ...(schema === undefined ? {} : { schema: schema.split('\n') }),
    ...(handleKey === undefined ? {} : { handleKey: handleKeyFile(handleKey) }),
  };
}

const handleKeyFile = ({ threshold, jointKey, shareKeys }: HandleKey) => ({
  threshold,
  jointKey: toHex(jointKey),
  shareKeys: shareKeys.map(toHex),
});

const sameOrder = (parameters: Genesis['parameters']): unknown =>
  Object.fromEntries(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Hexadecimal keys and lists of lines, back to what the shape reads; anything odd is left for the shape to refuse. */
function fromFile(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  const file = json as Record<string, unknown>;
  return {
    ...file,
    hospitals: mapList(file.hospitals, (hospital) => {
      const copy = { ...hospital };
      for (const field of KEY_FIELDS) {
        const value = copy[field];
        if (typeof value === 'string') copy[field] = fromHex(value);
      }
      return copy;
    }),
    policies: mapList(file.policies, (policy) => ({ ...policy, text: joined(policy.text) })),
    ...(Object.hasOwn(file, 'schema') ? { schema: joined(file.schema) } : {}),
    ...(Object.hasOwn(file, 'handleKey') ? { handleKey: handleKeyFrom(file.handleKey) } : {}),
  };
}

function handleKeyFrom(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  const { jointKey, shareKeys, ...rest } = json as Record<string, unknown>;
  const bytes = (value: unknown): unknown => (typeof value === 'string' ? fromHex(value) : value);
  return { ...rest, jointKey: bytes(jointKey), shareKeys: Array.isArray(shareKeys) ? shareKeys.map(bytes) : shareKeys };
}

const joined = (lines: unknown): unknown => (Array.isArray(lines) ? lines.join('\n') : lines);

const mapList = (list: unknown, map: (item: Record<string, unknown>) => unknown): unknown =>
  Array.isArray(list)
    ? list.map((item) => (typeof item === 'object' && item !== null ? map(item as Record<string, unknown>) : item))
    : list;

function checkConsistent(primitives: Primitives, genesis: Genesis): Result<null, LedgerCode> {
  if (genesis.version !== 1) return refuse('genesis.malformed');
  const keys = genesis.hospitals.flatMap((hospital) => [
    toHex(addressOf(primitives, hospital.accountKey)),
    toHex(hospital.dutyKey),
    ...(hospital.validatorKey === null ? [] : [toHex(hospital.validatorKey)]),
    hospital.peerId,
  ]);
  if (new Set(keys).size !== keys.length) return refuse('genesis.inconsistent', { reason: 'a key stands twice' });
  if (genesis.hospitals.every(({ validatorKey }) => validatorKey === null))
    return refuse('genesis.inconsistent', { reason: 'no validator' });
  const { handleKey } = genesis;
  if (handleKey !== undefined && handleKey.shareKeys.length > genesis.hospitals.length)
    return refuse('genesis.inconsistent', { reason: 'more holders of the handle key than hospitals' });
  if (handleKey !== undefined && !isOneKey(primitives, handleKey))
    return refuse('genesis.inconsistent', { reason: 'the share keys do not make the handle key' });
  const policies = parsePolicies(policyTextOf(genesis));
  return policies.ok
    ? checkSchema(genesis)
    : refuse('genesis.policy', { reason: policies.rejection.code, ...policies.rejection.detail });
}

/** Where there is a schema, the constitution itself is held to it. */
function checkSchema(genesis: Genesis): Result<null, LedgerCode> {
  if (genesis.schema === undefined) return ok(null);
  const schema = parseSchema(genesis.schema);
  if (!schema.ok) return refuse('genesis.schema', { reason: schema.rejection.code, ...schema.rejection.detail });
  const policies = readPolicyTrees(policyTextOf(genesis));
  const strict = policies.ok ? checkStrictly(schema.value, policies.value) : policies;
  return strict.ok ? strict : refuse('genesis.policy', { ...strict.rejection.detail });
}
