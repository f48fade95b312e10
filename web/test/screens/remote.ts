// The far end of the media connection, in the page itself: it answers offers and sends drawn pictures, so that screens
// show received video. This function is handed to the page as text: it may use nothing from outside but the painter that the page was given.
import type { Painter } from './painter.ts';

export interface RemoteMedia {
  readonly answer: string;
  readonly audio: readonly string[];
  readonly video: readonly string[];
}

export interface Asked {
  readonly sdp: string;
  readonly tracks: readonly { readonly mid: string }[];
  readonly colours: readonly (readonly [number, number, number])[];
}

export async function answerInPage({ sdp, tracks, colours }: Asked): Promise<RemoteMedia> {
  interface Far { connection?: RTCPeerConnection }
  const far = ((globalThis as unknown as { far?: Far }).far ??= {});
  const connection = (far.connection ??= new RTCPeerConnection());
  const { track, portrait } = (globalThis as unknown as { painter: Painter }).painter;
  const screen = (pen: CanvasRenderingContext2D): void => {
    pen.fillStyle = '#62788a';
    pen.fillRect(0, 0, 1280, 720);
    pen.fillStyle = '#fff';
    pen.fillRect(80, 60, 1120, 600);
    pen.fillStyle = '#22303c';
    pen.font = '600 44px sans-serif';
    pen.fillText('Quarterly figures', 130, 150);
    [220, 300, 180, 360, 260].forEach((height, i) => pen.fillRect(160 + i * 190, 620 - height, 110, height));
  };
  const draw = (index: number): MediaStreamTrack => {
    const colour = colours[index % colours.length] ?? [0, 0, 0];
    const made = index === 0 ? track(1280, 720, screen) : track(640, 360, (pen) => portrait(pen, colour));
    if (made === undefined) throw new Error('no picture');
    return made;
  };

  await connection.setRemoteDescription({ type: 'offer', sdp });
  const audio: string[] = [];
  const video: string[] = [];
  for (const transceiver of connection.getTransceivers()) {
    const section = sdp.split(/\r\nm=/).find((s) => s.includes(`a=mid:${transceiver.mid ?? ''}\r\n`)) ?? '';
    if (!section.includes('a=recvonly')) {
      // What carries nothing is not taken, as a gateway does it.
      transceiver.direction = tracks.some((t) => t.mid === transceiver.mid) ? 'recvonly' : 'inactive';
      continue;
    }
    const kind = transceiver.receiver.track.kind;
    (kind === 'audio' ? audio : video).push(transceiver.mid ?? '');
    transceiver.direction = 'sendonly';
    if (kind === 'video' && transceiver.sender.track === null) await transceiver.sender.replaceTrack(draw(video.length - 1));
  }
  await connection.setLocalDescription();
  await new Promise<void>((resolve) => {
    if (connection.iceGatheringState === 'complete') resolve();
    connection.onicegatheringstatechange = () => {
      if (connection.iceGatheringState === 'complete') resolve();
    };
  });
  // A browser takes no simulcast; a gateway does, of m-lines that carry nothing as well.
  const layered = sdp.split(/\r\nm=/).filter((s) => s.includes('a=simulcast:send')).map((s) => /a=mid:(\S+)/.exec(s)?.[1]);
  const sections = (connection.localDescription?.sdp ?? '').split(/\r\n(?=m=)/).map((s) => {
    if (!layered.includes(/a=mid:(\S+)/.exec(s)?.[1])) return s;
    return `${s.trimEnd()}\r\na=rid:l recv\r\na=rid:m recv\r\na=rid:h recv\r\na=simulcast:recv l;m;h`;
  });
  return { answer: `${sections.join('\r\n').trimEnd()}\r\n`, audio, video };
}

export async function candidateInPage([candidate, sdpMid]: readonly [string, string]): Promise<void> {
  const connection = (globalThis as unknown as { far?: { connection?: RTCPeerConnection } }).far?.connection;
  await connection?.addIceCandidate({ candidate, sdpMid }).catch(() => undefined);
}
