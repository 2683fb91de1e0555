/** What the device's process is told. Hospitals are numbered from 1. */
export interface DevicePlan {
  readonly genesisText: string;
  readonly apis: readonly string[];
  readonly folders: readonly string[];
  readonly writesAt: number;
  readonly readsAt: number;
  readonly fileIn: string;
  readonly fileOut: string;
}

/** What it tells. */
export type DeviceMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'written'; readonly cid: string; readonly ciphertextBytes: number }
  | { readonly type: 'read'; readonly bytes: number }
  | { readonly type: 'failed'; readonly message: string };
