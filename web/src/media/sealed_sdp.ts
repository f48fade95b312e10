// What an encrypted room lets into the session descriptions of its media connection (RFC 8866), whatever the gateway would like.
import { allowedCodec, allowedExtension } from './negotiable.ts';

/** AnswerError tells that an answer asks for what nothing of ours offers. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';

  constructor(readonly what: 'medium' | 'codec' | 'extension') {
    super(`answer refused: foreign ${what}`);
  }
}

/** trimmedOffer leaves out header extensions that are not allowed, for browsers that cannot be told: what is not offered is not answered, and not sent. */
export function trimmedOffer(sdp: string): string {
  return sdp.split('\r\n').filter((line) => allowedExtension(extensionIn(line) ?? allowed)).join('\r\n');
}

/**
 * checkedAnswer is the answer as it is applied: with Opus at a constant rate and without pauses, as speech can be guessed from the
 * sizes of its packets (RFC 6562). Errors: AnswerError for a medium, codec or header extension that is not ours.
 */
export function checkedAnswer(sdp: string): string {
  const [head = '', ...sections] = sdp.split(/\r\n(?=m=)/);
  return [head, ...sections.map(checkedSection)].join('\r\n');
}

/** An extension that passes: what a line that names none is held against. */
const allowed = 'urn:ietf:params:rtp-hdrext:sdes:mid';

function checkedSection(section: string): string {
  const lines = section.split('\r\n');
  const [, medium, port, formats = ''] = /^m=(\S+) (\d+)\S* \S+ (.*)$/.exec(lines[0] ?? '') ?? [];
  if (medium !== 'audio' && medium !== 'video') throw new AnswerError('medium');
  const codecs = new Map<string, string>();
  for (const line of lines) {
    const [, type = '', name = ''] = /^a=rtpmap:(\d+) ([^/]+)\//.exec(line) ?? [];
    if (type !== '') codecs.set(type, name.toLowerCase());
    if (!allowedExtension(extensionIn(line) ?? allowed)) throw new AnswerError('extension');
  }
  const used = port === '0' ? [...codecs.keys()] : [...codecs.keys(), ...formats.trim().split(' ')];
  if (!used.every((type) => allowedCodec(medium, codecs.get(type) ?? ''))) throw new AnswerError('codec');
  for (const [type, name] of codecs) if (name === 'opus') even(lines, type);
  return lines.join('\r\n');
}

/** even sets the Opus parameters (RFC 7587, section 6.1) under which all packets are of one size. */
function even(lines: string[], type: string): void {
  const prefix = `a=fmtp:${type} `;
  const at = lines.findIndex((line) => line.startsWith(prefix));
  const kept = at < 0 ? [] : (lines[at] ?? '').slice(prefix.length).split(';').map((p) => p.trim()).filter((p) => p !== '' && !/^(cbr|usedtx)=/.test(p));
  const line = prefix + [...kept, 'cbr=1', 'usedtx=0'].join(';');
  if (at >= 0) lines[at] = line;
  else lines.splice(lines.findIndex((l) => l.startsWith(`a=rtpmap:${type} `)) + 1, 0, line);
}

/** extensionIn is the URI of a header extension that a line maps (RFC 8285, section 5). */
function extensionIn(line: string): string | undefined {
  return /^a=extmap:\d+(?:\/\w+)? (\S+)/.exec(line)?.[1];
}
