// The words of a report. They are those of e2ee/ledger/text.go: the golden reports hold both to them.
import { hex } from '../e2ee/policy/bytes.ts';
import { mostTime } from './line.ts';
import type { Finding, Machine, Person, Report, Span, Vouched } from './report.ts';

const cannotShow = `What no log can show
- Confirmation and membership tags need the group's secrets: only members can check them.
- Times, hashes of bundles and what was taken back rest on the word of the server that signed the lines.
- It shows to whom keys could be given, not what was done with them. Names are what browsers claimed.
- Compare the owner with the fingerprint in the room's link, and gateways with what their operators read out.
`;

/** reportText is the report in plain words. */
export function reportText(r: Report): string {
  const parts = [
    `Log of an end-to-end encrypted meeting in room ${quoted(r.room)}\n`,
    `Group: ${grouped(r.group)}\n`,
    `Owner of the room, as the charter names it: ${r.owner} (in links: ${r.ownerInLinks})\n`,
    `Lines signed by the server with the key: ${r.server}\n`,
    `${r.lines} lines, epochs 0 to ${r.epoch}, ${moment(r.from)} to ${moment(r.to)}; `,
    r.over ? 'the meeting is over\n' : 'the meeting was still running\n',
    section('People, each with the keys of all media', r.people, (p) => person(r, p)),
    section('Machines that could hold keys', r.machines, (m) => machine(r, m)),
    section('What browsers vouched for', r.vouched, vouched),
    section('Remarks', r.remarks, finding),
    section('Contradictions', r.faults, finding),
    r.more > 0 ? `\n${r.more} more entries are not listed.\n` : '',
    `\n${cannotShow}\n${result(r.faults.length)}\n`,
  ];
  return parts.join('');
}

function result(faults: number): string {
  if (faults === 0) return 'Result: everything holds.';
  return `Result: ${faults} contradiction${faults === 1 ? '' : 's'}. Do not rely on this log.`;
}

function section<T>(title: string, list: readonly T[], text: (item: T) => string): string {
  const lines = list.length === 0 ? ['none'] : list.map(text);
  return `\n${title}\n${lines.map((line) => `- ${line}\n`).join('')}`;
}

function person(r: Report, p: Person): string {
  return `${quoted(p.name)} (${p.kind}, key ${grouped(p.identity.slice(0, 8))}, leaf ${p.leaf}): ${span(r, p)}`;
}

function machine(r: Report, m: Machine): string {
  const scope = m.scope.length === 0 ? 'no keys' : `keys of ${m.scope.join(', ')}`;
  const send = m.speak.length === 0 ? 'may send nothing' : `may send ${m.speak.join(', ')}`;
  const until = moment(Math.min(m.notAfter, Math.floor(mostTime / 1000)) * 1000);
  const legs = m.legs.map(({ kind, no, label, number }) => {
    const claims = [label, number].filter((s) => s !== '').map((s) => `, ${quoted(s)}`);
    return `\n  as the gateway says: ${kind} ${no}${claims.join('')}`;
  });
  return `grant ${m.n}, gateway ${m.gateway}: ${scope}, ${send}; at most until ${until}; ${span(r, m)}${legs.join('')}`;
}

function span(r: Report, s: Span): string {
  const last = s.open ? r.epoch : s.last;
  const open = r.stuck ? 'where the group could be followed' : 'the end';
  const epochs = s.first === last ? `epoch ${last}` : `epochs ${s.first} to ${last}`;
  return `${epochs}, ${moment(s.from)} to ${s.open ? open : moment(s.to)}; ${s.began}${s.open ? '' : `; ${s.ended}`}`;
}

function vouched(v: Vouched): string {
  return `line ${v.line}: ${quoted(v.name)}, epoch ${v.epoch}, ${v.state}: ${v.agrees ? 'agrees' : 'contradicts'}`;
}

function finding(f: Finding): string {
  return `line ${f.line}: ${f.text}`;
}

function moment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function grouped(bytes: Uint8Array): string {
  return (hex(bytes).match(/.{1,4}/g) ?? []).join(' ');
}

/** Characters that would break a line, hide, or turn around what stands beside them. */
const unseen: readonly (readonly [number, number])[] = [
  [0, 0x1f], [0x22, 0x22], [0x7f, 0x9f], [0xad, 0xad], [0x61c, 0x61c], [0x200b, 0x200f], [0x2028, 0x202e], [0x2060, 0x206f],
  [0xfeff, 0xfeff], [0xfff9, 0xfffb], [0xe0000, 0xe007f],
];

/** quoted is a text of somebody else. */
export function quoted(s: string): string {
  const shown = Array.from(s, (c) => {
    const code = c.codePointAt(0) ?? 0;
    return unseen.some(([from, to]) => code >= from && code <= to) ? '?' : c;
  });
  return `"${shown.join('')}"`;
}
