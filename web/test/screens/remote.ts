// The far end of the media connection, in the page itself: it answers offers and sends drawn pictures, so that screens
// show received video. This function is handed to the page as text: it may use nothing from outside.

export interface RemoteMedia {
  readonly answer: string;
  readonly audio: readonly string[];
  readonly video: readonly string[];
}

export async function answerInPage({ sdp, tracks }: { readonly sdp: string; readonly tracks: readonly { readonly mid: string }[] }): Promise<RemoteMedia> {
  interface Far { connection?: RTCPeerConnection }
  const far = ((globalThis as unknown as { far?: Far }).far ??= {});
  const connection = (far.connection ??= new RTCPeerConnection());
  const pictures = [[38, 70, 83], [94, 84, 142], [120, 94, 60], [60, 100, 80], [90, 60, 70], [58, 90, 120]];

  const draw = (index: number, wide: boolean): MediaStreamTrack => {
    const canvas = document.createElement('canvas');
    canvas.width = wide ? 1280 : 640;
    canvas.height = wide ? 720 : 360;
    const pen = canvas.getContext('2d');
    const [r = 0, g = 0, b = 0] = pictures[index % pictures.length] ?? [];
    const paint = (): void => {
      if (pen === null) return;
      const light = pen.createLinearGradient(0, 0, canvas.width, canvas.height);
      light.addColorStop(0, `rgb(${r + 60} ${g + 60} ${b + 60})`);
      light.addColorStop(1, `rgb(${r} ${g} ${b})`);
      pen.fillStyle = light;
      pen.fillRect(0, 0, canvas.width, canvas.height);
      if (wide) {
        pen.fillStyle = '#fff';
        pen.fillRect(80, 60, canvas.width - 160, canvas.height - 120);
        pen.fillStyle = '#22303c';
        pen.font = '600 44px sans-serif';
        pen.fillText('Quarterly figures', 130, 150);
        [220, 300, 180, 360, 260].forEach((height, i) => pen.fillRect(160 + i * 190, 620 - height, 110, height));
        return;
      }
      pen.fillStyle = `rgb(${r / 3 + 150} ${g / 3 + 110} ${b / 3 + 90})`;
      pen.beginPath();
      pen.arc(320, 150, 70, 0, 7);
      pen.fill();
      pen.fillStyle = `rgb(${r / 2} ${g / 2} ${b / 2})`;
      pen.beginPath();
      pen.ellipse(320, 380, 150, 150, 0, 0, 7);
      pen.fill();
    };
    paint();
    setInterval(paint, 200);
    const track = canvas.captureStream(5).getVideoTracks()[0];
    if (track === undefined) throw new Error('no picture');
    return track;
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
    if (kind === 'video' && transceiver.sender.track === null) await transceiver.sender.replaceTrack(draw(video.length - 1, video.length === 1));
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
