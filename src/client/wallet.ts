import type { Address, PublicKey, SecretKey } from '../base/brand.ts';
import { equal, utf8 } from '../base/bytes.ts';
import { addressOf } from '../base/digest.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result } from '../base/result.ts';
import type { CryptoCode } from '../crypto/codes.ts';
import { openKeyFile, sealKeyFile, type WalletRoots } from '../crypto/key-file.ts';
import { deriveDelegatingKey, deriveIdentityKeys, type IdentityKeys, ROOT_BYTES } from '../crypto/keys.ts';
import { medicalIndexKeys } from '../crypto/medical-index.ts';
import { PASSWORD_NONCE_BYTES, PASSWORD_SALT_BYTES, type PasswordCost } from '../crypto/password-box.ts';
import { derivePseudonymKeys, type PseudonymScope } from '../crypto/pseudonym.ts';
import { buildIndex, type IndexEntry, type Postings } from '../crypto/search/index-build.ts';
import type { IndexName, KeywordKeys } from '../crypto/search/keys.ts';
import { DEVICE_PADDING } from '../crypto/search/padding.ts';
import { makeTrapdoor, type Trapdoor } from '../crypto/search/trapdoor.ts';
import { categoryOf } from '../ledger/category.ts';
import type { Device } from './device.ts';

export interface KeyPair {
  readonly publicKey: PublicKey;
  readonly secretKey: SecretKey;
}

/** Who signs: a person's wallet, or a hospital's account key at its administrator's desk. */
export interface Account extends KeyPair {
  /** The address of the first key, for life. */
  readonly id: Address;
}

/**
 * Labels that every wallet tries: with the two roots alone a new device finds its categories again. They stay on the device;
 * on chain a category is an opaque id.
 */
export const STANDARD_CATEGORIES = ['general', 'medication', 'laboratory', 'imaging', 'mental-health'] as const;

/** A person's keys, all derived from two roots that never leave the device (PRIVACY.md, "Keys"). */
export interface Wallet {
  readonly id: Address;
  readonly account: Account;
  /** Signs fragments, never transactions. */
  readonly signing: KeyPair;
  /** Opens what others wrap to this person. */
  readonly receiving: KeyPair;
  /** Opens this person's own records of one category and epoch. */
  delegatingKey(label: string, epoch: number): KeyPair;
  /** The category's id on chain. From now on the wallet knows the label. */
  categoryOf(label: string): Uint8Array;
  /** The label behind an id on chain, among those this wallet knows. */
  labelOf(category: Uint8Array): string | undefined;
  /** The same person as another: what this wallet is at that hospital. It seals to the same two roots (`crypto/pseudonym.ts`). */
  at(scope: PseudonymScope): Wallet;
  /** A search index under this person's keys, padded as devices do. The root stays inside (docs/specification/search.md). */
  searchIndex(name: IndexName, postings: Postings): Result<readonly IndexEntry[], CryptoCode>;
  /** One normalised keyword in it: the trapdoor goes to a hospital, the keys to who may read its answer. */
  trapdoor(name: IndexName, keyword: string): { readonly trapdoor: Trapdoor; readonly keys: KeywordKeys };
  /** Keys of one writing of the medical index; `salt` is fresh random bytes each time. */
  medicalIndexKeys(salt: Uint8Array): Uint8Array;
  /** Every label known, the standard ones first. */
  categories(): readonly string[];
  /** The text of a key file that `password` opens. Labels are not in it. */
  seal(device: Device, password: string, cost?: PasswordCost): string;
}

export const createWallet = (device: Device): Wallet =>
  walletOf(device.primitives, { identityRoot: device.random(ROOT_BYTES), delegatingRoot: device.random(ROOT_BYTES) });

export function openWallet(primitives: Primitives, password: string, text: string): Result<Wallet, CryptoCode> {
  const roots = openKeyFile(primitives, password, text);
  return roots.ok ? ok(walletOf(primitives, roots.value)) : roots;
}

/** `labels`: categories beyond the standard ones that this person's device has used. */
export const walletOf = (primitives: Primitives, roots: WalletRoots, labels: readonly string[] = []): Wallet =>
  walletFrom(primitives, roots, deriveIdentityKeys(roots.identityRoot), labels);

function walletFrom(primitives: Primitives, roots: WalletRoots, keys: IdentityKeys, labels: readonly string[]): Wallet {
  const pair = (secretKey: SecretKey): KeyPair => ({ secretKey, publicKey: primitives.publicKeyOf(secretKey) });
  const account = pair(keys.account);
  const id = addressOf(primitives, account.publicKey);
  const known = new Map<string, Uint8Array>();

  const delegatingKey = (label: string, epoch: number): KeyPair =>
    pair(deriveDelegatingKey(roots.delegatingRoot, { pseudonym: id, category: utf8(label), epoch }));
  const remember = (label: string): Uint8Array => {
    const category = known.get(label) ?? categoryOf(primitives, delegatingKey(label, 0).publicKey);
    known.set(label, category);
    return category;
  };
  for (const label of [...STANDARD_CATEGORIES, ...labels]) remember(label);

  return {
    id,
    account: { ...account, id },
    signing: pair(keys.fragmentSigning),
    receiving: pair(keys.receiving),
    delegatingKey,
    categoryOf: remember,
    labelOf: (category) => [...known].find(([, one]) => equal(one, category))?.[0],
    at: (scope) => walletFrom(primitives, roots, derivePseudonymKeys(roots.identityRoot, scope), [...known.keys()]),
    searchIndex: (name, postings) =>
      buildIndex(primitives, { identityRoot: roots.identityRoot, name, padding: DEVICE_PADDING }, postings),
    trapdoor: (name, keyword) => makeTrapdoor(roots.identityRoot, name, keyword),
    medicalIndexKeys: (salt) => medicalIndexKeys(roots.identityRoot, salt),
    categories: () => [...known.keys()],
    seal(device, password, cost) {
      const salt = device.random(PASSWORD_SALT_BYTES);
      const nonce = device.random(PASSWORD_NONCE_BYTES);
      return sealKeyFile(device.primitives, { password, salt, nonce, ...(cost === undefined ? {} : { cost }) }, roots);
    },
  };
}

/** An account that has no wallet: a hospital's. */
export function accountOf(primitives: Primitives, secretKey: SecretKey): Account {
  const publicKey = primitives.publicKeyOf(secretKey);
  return { id: addressOf(primitives, publicKey), publicKey, secretKey };
}
