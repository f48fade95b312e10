import { equal, prefixed, u64, utf8, type Bytes } from './bytes.ts';
import { encodeCbor, type CborMap } from './cbor.ts';
import { PolicyError } from './policy_error.ts';
import { bytes, maybe, oneOf, record, text, whole } from './record.ts';
import { mustBeSigned, signLabelled, type Signer } from './signing.ts';

/** How closed a meeting is: sealed refuses telephones, mixed lets hosts grant them sound. An open meeting has no group at all. */
export type Mode = 'sealed' | 'mixed';

/** The modes from the closest to the loosest. */
export const modes: readonly Mode[] = ['sealed', 'mixed'];

/** looser says whether mode is looser than most. */
export function looser(mode: Mode, most: Mode): boolean {
  return modes.indexOf(mode) > modes.indexOf(most);
}

/** passField reads a pass: the owner's leave for somebody else to start meetings. */
const passField = record({
  /** Unix time in seconds. */
  notAfter: whole(),
  sig: bytes(64),
});

/** charterField reads a charter. */
export const charterField = record({
  /** Number of the room, the one in its link. */
  room: text(1, 64),
  /** MLS group id, 16 random bytes. */
  group: bytes(16),
  /** Identity key of the room's owner. */
  owner: bytes(32),
  /** Identity key of whoever started this meeting. */
  by: bytes(32),
  pass: maybe(passField),
  /** The loosest mode this meeting may ever have. */
  floor: oneOf(modes),
  /** Unix time in seconds at which the meeting was started. */
  made: whole(),
  /** Signature of by over the other members as CBOR. */
  sig: bytes(64),
});

/** Charter says whose meeting a group is. It never changes while the group lives. */
export type Charter = ReturnType<typeof charterField>;

/** Pass lets the holder of one identity start meetings in one room until notAfter, Unix seconds. */
export type Pass = ReturnType<typeof passField>;

/** issuePass is the owner's leave for the identity by. */
export async function issuePass(owner: Signer, room: string, by: Bytes, notAfter: number): Promise<Pass> {
  return { notAfter, sig: await signLabelled(owner, 'legroom/1 pass', prefixed(utf8(room)), by, u64(notAfter)) };
}

/** What a charter says, before it is signed; owner is by's own key unless a pass is given. */
export interface CharterTerms {
  readonly room: string;
  readonly group: Bytes;
  readonly owner: Bytes;
  readonly pass?: Pass | undefined;
  readonly floor: Mode;
  readonly made: number;
}

/** signCharter starts a meeting. Errors: PolicyError as checkCharter, so that no charter is made that others would refuse. */
export async function signCharter(by: Signer, terms: CharterTerms): Promise<Charter> {
  const { room, group, owner, pass, floor, made } = terms;
  const unsigned = { room, group, owner, by: by.publicKey, ...(pass === undefined ? {} : { pass }), floor, made };
  const charter = { ...unsigned, sig: await signLabelled(by, 'legroom/1 charter', encodeCbor(asMap(unsigned))) };
  await checkCharter(charter);
  return charter;
}

/** checkCharter holds where by signed it and is the owner, or has the owner's pass. A pass has to outlast the start. Errors: PolicyError. */
export async function checkCharter(charter: Charter): Promise<void> {
  const { sig, ...unsigned } = charter;
  await mustBeSigned('charter.sig', charter.by, 'legroom/1 charter', sig, encodeCbor(asMap(unsigned)));
  const { pass, owner, by, room, made } = charter;
  if (equal(owner, by) !== (pass === undefined)) throw new PolicyError('signature', 'charter.pass');
  if (pass === undefined) return;
  if (pass.notAfter < made) throw new PolicyError('foreign', 'charter.pass');
  await mustBeSigned('charter.pass', owner, 'legroom/1 pass', pass.sig, prefixed(utf8(room)), by, u64(pass.notAfter));
}

/** charterMap is the charter as it is written into the `room` extension. */
export function charterMap(charter: Charter): CborMap {
  return asMap(charter);
}

function asMap(charter: Omit<Charter, 'sig'> & { readonly sig?: Bytes }): CborMap {
  const { pass, ...rest } = charter;
  return { ...rest, ...(pass === undefined ? {} : { pass: { ...pass } }) };
}
