import type { Address, Height } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { faultsOf } from '../base/validators.ts';

export interface Readiness {
  readonly ready: boolean;
  readonly code: string | null;
}

/** Blocks that votes under way may put between two nodes that are both up to date. */
const BEHIND_MAX = 2;

/**
 * Whether the node should be asked anything. What peers say of their height counts only where more of them say it than can lie: a
 * single claim of a million blocks makes nobody unready.
 */
export class ReadinessWatch {
  readonly #heights = new Map<string, Height>();
  /** Why the node does not serve at all: not started, or stopped. */
  #closed: string | null = 'node.not-started';
  /** Why it follows without signing. It serves all the same, and says so. */
  #signingRefused: string | null = null;

  open(): void {
    this.#closed = null;
  }

  close(code: string): void {
    this.#closed = code;
  }

  refuseSigning(code: string): void {
    this.#signingRefused = code;
  }

  reported(peer: Address, height: Height): void {
    this.#heights.set(toHex(peer), height);
  }

  disconnected(peer: Address): void {
    this.#heights.delete(toHex(peer));
  }

  /** The height that the consortium has surely reached, from what connected peers say. */
  consortiumHeight(hospitals: number): number {
    const claims = [...this.#heights.values()].sort((a, b) => b - a);
    return claims[faultsOf(hospitals)] ?? 0;
  }

  /** `others`: the hospitals that could be connected. */
  at(height: Height, connected: number, others: number): Readiness {
    if (this.#closed !== null) return { ready: false, code: this.#closed };
    if (others > 0 && connected === 0) return { ready: false, code: 'node.no-peers' };
    if (this.consortiumHeight(others + 1) > height + BEHIND_MAX) return { ready: false, code: 'node.catching-up' };
    return { ready: true, code: this.#signingRefused };
  }
}
