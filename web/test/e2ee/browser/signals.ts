// What tests send and listen for in a real browser.

/** later is a pause: for what a browser does by itself and never tells. */
export const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** until waits for what takes a moment; false when it did not come. */
export async function until(condition: () => boolean | Promise<boolean>, ms: number): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end; await later(50)) if (await condition()) return true;
  return false;
}

/** tone is a track of one frequency, Hz. */
export function tone(context: AudioContext, frequency: number): MediaStreamTrack {
  const oscillator = context.createOscillator();
  const out = context.createMediaStreamDestination();
  oscillator.frequency.value = frequency;
  oscillator.connect(out);
  oscillator.start();
  return track(out.stream);
}

function track(stream: MediaStream): MediaStreamTrack {
  const [first] = stream.getTracks();
  if (first === undefined) throw new Error('no track');
  return first;
}

/** picture is a track that moves. */
export function picture(width = 320, height = 180): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  let step = 0;
  setInterval(() => {
    if (context === null) return;
    context.fillStyle = `hsl(${step * 7} 80% 50%)`;
    context.fillRect(0, 0, width, height);
    context.fillStyle = 'white';
    context.fillRect((step++ * 5) % 300, 60, 20, 60);
  }, 66);
  return track(canvas.captureStream(15));
}

/** loudest is the strongest frequency of a received track, Hz, or 0 in silence. */
export async function loudest(context: AudioContext, received: MediaStreamTrack, patienceMs: number): Promise<number> {
  const element = document.createElement('audio');
  element.muted = true;
  element.srcObject = new MediaStream([received]); // Chromium decodes only what an element plays
  await element.play();
  const analyser = context.createAnalyser();
  analyser.fftSize = 4096;
  context.createMediaStreamSource(new MediaStream([received])).connect(analyser);
  const spectrum = new Float32Array(analyser.frequencyBinCount);
  let best = 0;
  await until(() => {
    analyser.getFloatFrequencyData(spectrum);
    best = spectrum.reduce((top, level, i) => (level > (spectrum[top] ?? 0) ? i : top), 0);
    return (spectrum[best] ?? -Infinity) > -50;
  }, patienceMs);
  return (spectrum[best] ?? -Infinity) > -50 ? (best * context.sampleRate) / analyser.fftSize : 0;
}
