// What a browser and the delivery service of a meeting say to one another. One connection is one participant; everything comes in
// the order in which it was sent. As text (wire_json.ts) a message is one JSON object, byte strings in base64 (RFC 4648, section 4).
//
// | ToServer | the service does                                | answer          |
// | found    | Meeting.Found                                   | done            |
// | wait     | Meeting.Wait                                    | done            |
// | unwait   | Meeting.Unwait                                  | none            |
// | submit   | Meeting.Submit                                  | done            |
// | refuse   | Meeting.Refuse                                  | done            |
// | bundle   | Meeting.Bundle                                  | done            |
// | relay    | Meeting.Relay                                   | done            |
// | missed   | Meeting.Missed                                  | records         |
// | checkpoint | the meeting's log keeps it                    | done            |
// | note     | kept for who asks by telephone                  | done            |
// | decline  | tells the gateway that its request is turned down, if a host says so | none |
//
// In place of its answer each may get `failed`. Connect and Disconnect are the connection itself.
//
// | FromServer    | comes of                                                                             |
// | hello         | the connection, and again whenever a group begins: Meeting.Epoch, Meeting.Leaf       |
// | applied       | notice Applied                                                                       |
// | welcomed      | notice Welcomed                                                                      |
// | applicant     | notice Applicant; participant: whom the server lists under it, for `deny` alone      |
// | applicantGone | notice ApplicantGone                                                                 |
// | relayed       | notice Relayed                                                                       |
// | bundled       | Outlet.Bundle, to all members, once the gateway took the bundle of that epoch and grant |
// | presence      | Connect and Disconnect of another member, by its leaf; to who comes, of all absent   |
// | asked         | a gateway asks to be let in; to all members, and again to who comes later            |
// | withdrawn     | the gateway takes a request back, or its last leg under the grant of it hung up      |
import type { Bytes } from '../policy/bytes.ts';

/** A question to the service; id is ours, and comes back with the answer. */
export type Question =
  /** KeyPackage of the founder and GroupInfo of the first epoch, as MLSMessages (RFC 9420, section 6). */
  | { readonly type: 'found'; readonly id: number; readonly keyPackage: Bytes; readonly groupInfo: Bytes }
  | { readonly type: 'wait'; readonly id: number; readonly keyPackage: Bytes }
  /** The Welcome where it adds somebody, and sealed bundles where grants are in force after it. */
  | { readonly type: 'submit'; readonly id: number; readonly commit: Bytes; readonly welcome?: Bytes; readonly bundles: readonly Bytes[] }
  | { readonly type: 'refuse'; readonly id: number; readonly epoch: number }
  | { readonly type: 'bundle'; readonly id: number; readonly sealed: Bytes }
  | { readonly type: 'relay'; readonly id: number; readonly message: Bytes }
  /** seq is that of the last record we have. */
  | { readonly type: 'missed'; readonly id: number; readonly seq: number }
  /** What our mark shows: the CBOR of a Checkpoint, and our leaf's signature. */
  | { readonly type: 'checkpoint'; readonly id: number; readonly signed: Bytes; readonly sig: Bytes }
  /** A Note, sealed as a bundle is. */
  | { readonly type: 'note'; readonly id: number; readonly sealed: Bytes };

/** ToServer is everything that a browser sends. */
export type ToServer =
  | Question
  | { readonly type: 'unwait' }
  /** request is the id in the gateway's request, 16 bytes. */
  | { readonly type: 'decline'; readonly request: Bytes };

/** Why the service did not do what was asked, after the errors of package delivery; logFull: the meeting's log can take no more, so nothing changes any more. */
export type ServerFault =
  | 'malformed' | 'tooLong' | 'group' | 'leaf' | 'epoch' | 'lost' | 'roster' | 'role' | 'welcome' | 'bundle' | 'throttled' | 'refused' | 'gap'
  | 'internal' | 'logFull';

/** What happened, in the order of the service: a record of its log. */
export interface LogRecord {
  /** Counts from 1 without gaps. */
  readonly seq: number;
  /** founded begins the log, committed is a commit that won its epoch, reopened takes back all commits from an epoch on. */
  readonly kind: 'founded' | 'committed' | 'reopened';
  /** The epoch before the commit, the founded one, or the one that is open again. */
  readonly epoch: number;
  /** PublicMessage as MLSMessage; empty unless committed. */
  readonly commit: Bytes;
}

/** Answer is what comes back for a Question. */
export type Answer =
  | { readonly type: 'done'; readonly id: number }
  | { readonly type: 'records'; readonly id: number; readonly records: readonly LogRecord[] }
  /** after: ms to wait, where the fault is throttled. */
  | { readonly type: 'failed'; readonly id: number; readonly fault: ServerFault; readonly after: number };

/** Notice is what the service says by itself. */
export type Notice =
  /** group is the MLS group id, if there is a group; seated says whether we hold a leaf of it. */
  | { readonly type: 'hello'; readonly group?: Bytes; readonly seated: boolean }
  | { readonly type: 'applied'; readonly record: LogRecord }
  /** seq is the record after which the newcomer follows the log. */
  | { readonly type: 'welcomed'; readonly seq: number; readonly welcome: Bytes }
  /** participant is the server's word, empty from one that is older: it may turn away who waits, and says nothing of whom a card shows. */
  | { readonly type: 'applicant'; readonly ref: Bytes; readonly keyPackage: Bytes; readonly participant: string }
  | { readonly type: 'applicantGone'; readonly ref: Bytes }
  | { readonly type: 'relayed'; readonly message: Bytes }
  | { readonly type: 'bundled'; readonly epoch: number; readonly n: number }
  | { readonly type: 'presence'; readonly leaf: number; readonly here: boolean }
  /** The request's CBOR and the gateway's signature. */
  | { readonly type: 'asked'; readonly request: Bytes; readonly sig: Bytes }
  /** request is the id in it. */
  | { readonly type: 'withdrawn'; readonly request: Bytes };

/** FromServer is everything that a browser receives. */
export type FromServer = Answer | Notice;
