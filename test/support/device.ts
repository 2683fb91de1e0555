import { type Api, createApi } from '../../src/api/server.ts';
import { createApiClient } from '../../src/client/api-client.ts';
import { hostDevice } from '../../src/client/device.ts';
import { admit, enrol, enrolmentRequest, handleOf, sponsorEnrolment } from '../../src/client/enrol.ts';
import type { Tap } from '../../src/client/http.ts';
import { createSession, type Session } from '../../src/client/session.ts';
import { trustGenesis } from '../../src/client/trust.ts';
import { type Account, accountOf, createWallet, type Wallet } from '../../src/client/wallet.ts';
import type { Role } from '../../src/ledger/vocabulary.ts';
import { NODE_CODES } from '../../src/node/codes.ts';
import { type Hospital, primitives, type RunningConsortium, seeded } from './consortium.ts';
import { accepted } from './person.ts';

const EXCHANGES_OF_A_SESSION = 1_000_000;

/** Devices of people at the APIs of real nodes. */
export class Devices {
  readonly #running: RunningConsortium;
  readonly #apis = new Map<number, Api>();
  readonly #device = hostDevice(primitives);
  readonly #tap: Tap;
  #sessions = 0;

  private constructor(running: RunningConsortium, tap: Tap) {
    this.#running = running;
    this.#tap = tap;
  }

  /** APIs of these hospitals; call `close` before the nodes stop. */
  static async at(running: RunningConsortium, numbers: readonly number[], tap: Tap = () => {}): Promise<Devices> {
    const devices = new Devices(running, tap);
    const options = { host: '127.0.0.1', port: 0, docs: false, logger: null, rateLimits: null, codes: NODE_CODES };
    for (const number of numbers) devices.#apis.set(number, await createApi(running.node(number).service, options));
    return devices;
  }

  async close(): Promise<void> {
    for (const api of this.#apis.values()) await api.close();
  }

  /** Of a hospital's API. */
  address(number: number): string {
    return this.#apis.get(number)?.address ?? '';
  }

  session(account: Account, number: number): Session {
    const { genesisText, chainId } = this.#running.consortium;
    const baseUrl = this.address(number);
    const device = this.#device;
    // Each client counts its exchanges from 1: a recording of several keeps them apart.
    const first = ++this.#sessions * EXCHANGES_OF_A_SESSION;
    const tap: Tap = (exchange, ...rest) => this.#tap(first + exchange, ...rest);
    const api = createApiClient({ baseUrl, chainId, device, account, tap });
    return createSession({
      device,
      trust: accepted(trustGenesis(primitives, genesisText)),
      api,
      account,
      receiptPollMs: 30,
    });
  }

  /** Somebody new, enrolled and admitted at a hospital. */
  async member(role: Role, number: number): Promise<{ readonly wallet: Wallet; readonly session: Session }> {
    const wallet = createWallet(this.#device);
    const session = this.session(wallet.account, number);
    const { keys } = this.#running.consortium.hospitals[number - 1] as Hospital;
    const desk = accountOf(primitives, keys.account);
    const request = enrolmentRequest(wallet, role);
    const handle = handleOf(seeded('handle key', 32), `${wallet.id}`);
    const sponsorship = sponsorEnrolment(primitives, session.trust.chainId, desk, { request, handle });
    accepted(await enrol(session, { request, sponsorship }));
    accepted(await admit(this.session(desk, number), wallet.id));
    return { wallet, session };
  }
}
