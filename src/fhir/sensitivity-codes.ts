/**
 * HL7 v3 ActCode, InformationSensitivityPolicy: codes that stand below another, which a denial of the other includes. Only those that
 * systems are asked to support (IHE PCF, Advanced) and their near kin.
 */
const NARROWER: Readonly<Record<string, readonly string[]>> = {
  ETH: ['ETHUD', 'OPIOIDUD', 'ALC'],
  SUD: ['ETHUD', 'OPIOIDUD'],
  PSY: ['PSYTHPN'],
  MH: ['PSY', 'PSYTHPN', 'BH'],
  BH: ['COGN', 'DVD', 'EMOTDIS', 'MH', 'PSY', 'PSYTHPN', 'SUD', 'ETH', 'ETHUD', 'OPIOIDUD'],
  SEX: ['SDV'],
  STD: ['HIV'],
};

/** The code and those below it. */
export const withNarrower = (code: string): readonly string[] => [
  code,
  ...(Object.hasOwn(NARROWER, code) ? (NARROWER[code] ?? []) : []),
];
