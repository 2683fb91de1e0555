/** Where the network reports. Fields hold codes, peer ids and counts: never bytes of a message, never a key. */
export interface NetworkLogger {
  debug(event: string, fields: Readonly<Record<string, string | number>>): void;
  warn(event: string, fields: Readonly<Record<string, string | number>>): void;
}

export const SILENT: NetworkLogger = { debug: () => {}, warn: () => {} };
