import type { ApiClient } from '../../client/api.ts';
import { createApiClient } from '../../client/api-client.ts';
import type { HttpOptions } from '../../client/http.ts';
import type { ReadStages } from './devices-plan.ts';

/** Bytes and requests of one device since they were last taken. */
export interface Traffic {
  requests: number;
  sentBytes: number;
  receivedBytes: number;
  readonly byCall: Map<string, number>;
}

const noTraffic = (): Traffic => ({ requests: 0, sentBytes: 0, receivedBytes: 0, byCall: new Map() });

/** A device's client that notes what one read costs on the line, and when each part of it began. Nothing about the client is changed. */
export class DeviceMeter {
  readonly api: ApiClient;
  #traffic = noTraffic();
  #marks = { submitted: 0, held: 0, shares: 0, content: 0 };

  constructor(options: Omit<HttpOptions, 'tap'>) {
    const client = createApiClient({
      ...options,
      tap: (_exchange, side, bytes) => {
        if (side === 'sent') this.#traffic.sentBytes += bytes.length;
        else this.#traffic.receivedBytes += bytes.length;
      },
    });
    this.api = {
      ...this.#counted(client),
      submit: async (signed) => {
        this.#count('submit');
        const id = await client.submit(signed);
        this.#marks.submitted = performance.now();
        return id;
      },
      receipt: async (id) => {
        this.#count('receipt');
        const found = await client.receipt(id);
        if (found !== undefined) this.#marks.held = performance.now();
        return found;
      },
      readShares: (read) => {
        this.#count('readShares');
        this.#marks.shares = performance.now();
        return client.readShares(read);
      },
      readCiphertext: (read) => {
        this.#count('readCiphertext');
        this.#marks.content = performance.now();
        return client.readCiphertext(read);
      },
    };
  }

  /** Of one read that began and ended then, and with which nothing else was asked. */
  stages(beganMs: number, endedMs: number): ReadStages {
    const { submitted, held, shares, content } = this.#marks;
    return {
      submit: submitted - beganMs,
      block: held - submitted,
      proof: shares - held,
      shares: content - shares,
      content: endedMs - content,
    };
  }

  /** What went over the line since the last time. */
  take(): Traffic {
    const taken = this.#traffic;
    this.#traffic = noTraffic();
    return taken;
  }

  #count(name: string): void {
    this.#traffic.requests++;
    this.#traffic.byCall.set(name, (this.#traffic.byCall.get(name) ?? 0) + 1);
  }

  #counted(client: ApiClient): ApiClient {
    return {
      ...client,
      status: () => {
        this.#count('status');
        return client.status();
      },
      nonce: (id) => {
        this.#count('nonce');
        return client.nonce(id);
      },
      proofs: (keys) => {
        this.#count('proofs');
        return client.proofs(keys);
      },
      readEnvelope: (read) => {
        this.#count('readEnvelope');
        return client.readEnvelope(read);
      },
    };
  }
}
