import { fromHex } from '../base/bytes.ts';
import type { StateView } from '../ledger/chain.ts';
import type { NodeService } from './service.ts';

/** Reads one finalised state and closes it, whatever happens. */
export function reading<T>(service: NodeService, read: (view: StateView) => T): T {
  const view = service.view();
  try {
    return read(view);
  } finally {
    view.close();
  }
}

/** The bytes of a hexadecimal parameter, or `undefined` where it has another form or length. */
export function hexParameter<T extends Uint8Array>(value: unknown, bytes: number): T | undefined {
  const read = typeof value === 'string' ? fromHex(value) : undefined;
  return read?.length === bytes ? (read as T) : undefined;
}

/** A height parameter: canonical decimal, a safe integer. */
export const heightParameterOf = (value: string | undefined): number | undefined =>
  value !== undefined && /^(0|[1-9]\d{0,14})$/.test(value) ? Number(value) : undefined;
