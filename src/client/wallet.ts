import type { Address, PublicKey, SecretKey } from '../base/brand.ts';
import { equal, utf8 } from '../base/bytes.ts';
import { addressOf } from '../base/digest.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result } from '../base/result.ts';
import type { CryptoCode } from '../crypto/codes.ts';
import type { NamedSeal } from '../crypto/guardian-kit.ts';
import { GUARDIAN_SALT_BYTES, type PartName, type RootKind, type RootSecrets, sealRoot } from '../crypto/guardians.ts';
import { openKeyFile, sealKeyFile, type WalletRoots } from '../crypto/key-file.ts';
import {
  deriveAccountKey,
  deriveDelegatingKey,
  deriveIdentityKeys,
  type IdentityKeys,
  ROOT_BYTES,
} from '../crypto/keys.ts';
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

/** What opens a person's own records, and finds their categories. */
export interface DelegatingKeys {
  /** Opens records of one category and epoch. */
  delegatingKey(label: string, epoch: number): KeyPair;
  /** The label behind an id on chain, among those that are known. */
  labelOf(category: Uint8Array): string | undefined;
}

/** A person's keys, all derived from two roots that never leave the device (PRIVACY.md, "Keys"). */
export interface Wallet extends DelegatingKeys {
  readonly id: Address;
  readonly account: Account;
  /** Signs fragments, never transactions. */
  readonly signing: KeyPair;
  /** Opens what others wrap to this person. */
  readonly receiving: KeyPair;
  /** The category's id on chain. From now on the wallet knows the label. */
  categoryOf(label: string): Uint8Array;
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
  /**
   * The same person with an account key of another root, bound to the id by `rotateKey`: who has the old roots cannot make it. At other
   * hospitals (`at`) the keys stay as they were.
   */
  withAccount(accountRoot: Uint8Array): Wallet;
  /** The roots that guardians of this purpose may open one day, each sealed. They leave the wallet in no other form. */
  sealRoots(device: Device, part: PartName, secrets: RootSecrets): readonly NamedSeal[];
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

/** The keys that a delegating root gives to one pseudonym. For a guardian who acts: nothing but these. */
export function delegatingKeysOf(
  primitives: Primitives,
  delegatingRoot: Uint8Array,
  pseudonym: Address,
  labels: readonly string[] = [],
): DelegatingKeys & { readonly known: ReadonlyMap<string, Uint8Array>; remember(label: string): Uint8Array } {
  const known = new Map<string, Uint8Array>();
  const delegatingKey = (label: string, epoch: number): KeyPair => {
    const secretKey = deriveDelegatingKey(delegatingRoot, { pseudonym, category: utf8(label), epoch });
    return { secretKey, publicKey: primitives.publicKeyOf(secretKey) };
  };
  const remember = (label: string): Uint8Array => {
    const category = known.get(label) ?? categoryOf(primitives, delegatingKey(label, 0).publicKey);
    known.set(label, category);
    return category;
  };
  for (const label of [...STANDARD_CATEGORIES, ...labels]) remember(label);
  return {
    known,
    remember,
    delegatingKey,
    labelOf: (category) => [...known].find(([, one]) => equal(one, category))?.[0],
  };
}

function walletFrom(primitives: Primitives, roots: WalletRoots, keys: IdentityKeys, labels: readonly string[]): Wallet {
  const pair = (secretKey: SecretKey): KeyPair => ({ secretKey, publicKey: primitives.publicKeyOf(secretKey) });
  const first = pair(keys.account);
  const id = addressOf(primitives, first.publicKey);
  const account = roots.accountRoot === undefined ? first : pair(deriveAccountKey(roots.accountRoot));
  const { known, remember, ...delegating } = delegatingKeysOf(primitives, roots.delegatingRoot, id, labels);

  return {
    id,
    account: { ...account, id },
    signing: pair(keys.fragmentSigning),
    receiving: pair(keys.receiving),
    ...delegating,
    categoryOf: remember,
    at: (scope) => {
      const { identityRoot, delegatingRoot } = roots;
      const scoped = derivePseudonymKeys(identityRoot, scope);
      return walletFrom(primitives, { identityRoot, delegatingRoot }, scoped, [...known.keys()]);
    },
    withAccount: (accountRoot) => walletFrom(primitives, { ...roots, accountRoot }, keys, [...known.keys()]),
    sealRoots(device, part, secrets) {
      const { identityRoot, delegatingRoot, accountRoot } = roots;
      const opened: readonly (readonly [RootKind, Uint8Array | undefined])[] =
        part.purpose === 'recovery'
          ? [
              ['identity', identityRoot],
              ['delegating', delegatingRoot],
              ['account', accountRoot],
            ]
          : [['delegating', delegatingRoot]];
      return opened.flatMap(([root, secret]) => {
        if (secret === undefined) return [];
        const sealing = { name: { ...part, root }, secrets, salt: device.random(GUARDIAN_SALT_BYTES) };
        return [{ root, ...sealRoot(device.primitives, sealing, secret) }];
      });
    },
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
