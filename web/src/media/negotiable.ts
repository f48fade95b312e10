// What an offer may hold: the codecs and RTP header extensions that the gateway knows, and no more.

const codecs: Readonly<Record<'audio' | 'video', readonly string[]>> = {
  audio: ['audio/opus'],
  video: ['video/vp8', 'video/h264', 'video/rtx'],
};

const extensions: ReadonlySet<string> = new Set([
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
]);

interface HeaderExtension {
  uri: string;
  direction?: string;
}

/** RTCRtpTransceiver with the methods of WebRTC Header Extension Control, where the browser has them. */
interface ExtensionControl {
  getHeaderExtensionsToNegotiate?: () => HeaderExtension[];
  setHeaderExtensionsToNegotiate?: (list: HeaderExtension[]) => void;
}

/** allowedExtension tells whether a header extension may be in use: they all travel outside of the encryption. */
export function allowedExtension(uri: string): boolean {
  return extensions.has(uri);
}

/** allowedCodec tells whether a codec may be in use, by its name in SDP, in any case. */
export function allowedCodec(kind: 'audio' | 'video', name: string): boolean {
  return codecs[kind].includes(`${kind}/${name.toLowerCase()}`);
}

/** restrict leaves on the transceiver what the gateway knows, in our order. A browser that cannot be told offers more, which is refused in the answer. */
export function restrict(transceiver: RTCRtpTransceiver, kind: 'audio' | 'video'): void {
  const known = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const place = (codec: RTCRtpCodec) => codecs[kind].indexOf(codec.mimeType.toLowerCase());
  const wanted = known.filter((codec) => place(codec) >= 0 && usable(codec)).sort((a, b) => place(a) - place(b));
  const control = transceiver as RTCRtpTransceiver & ExtensionControl;
  try {
    if (wanted.length > 0) transceiver.setCodecPreferences(wanted);
    const offered = control.getHeaderExtensionsToNegotiate?.();
    if (offered === undefined) return;
    control.setHeaderExtensionsToNegotiate?.(
      offered.map((e) => (extensions.has(e.uri) ? e : { ...e, direction: 'stopped' })),
    );
  } catch (error) {
    // Some extensions may not be stopped in some browsers: the offer is longer then, and right all the same.
    console.warn('media: offer not restricted:', error instanceof Error ? error.message : error);
  }
}

/** usable leaves of H.264 the one form that every room system takes, constrained baseline in mode 1: each further one makes each m-line longer. */
function usable(codec: RTCRtpCodec): boolean {
  if (codec.mimeType.toLowerCase() !== 'video/h264') return true;
  const format = codec.sdpFmtpLine ?? '';
  return format.includes('packetization-mode=1') && /profile-level-id=42e0/i.test(format);
}

/** cameraEncodings are the simulcast layers, lowest first. Rates: bit/s. */
export const cameraEncodings: readonly RTCRtpEncodingParameters[] = [
  { rid: 'l', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: 'm', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: 'h', scaleResolutionDownBy: 1, maxBitrate: 1_700_000 },
];

export const screenEncodings: readonly RTCRtpEncodingParameters[] = [{ maxBitrate: 2_500_000 }];

export const microphoneEncodings: readonly RTCRtpEncodingParameters[] = [{ maxBitrate: 40_000, networkPriority: 'high', priority: 'high' }];
