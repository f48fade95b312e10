/** chime plays two soft tones: somebody waits in the lobby. */
export async function chime(): Promise<void> {
  const context = new AudioContext();
  const tone = (hertz: number, at: number): OscillatorNode => {
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.frequency.value = hertz;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.12, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(at);
    oscillator.stop(at + 0.5);
    return oscillator;
  };
  tone(659.25, context.currentTime);
  const last = tone(880, context.currentTime + 0.18);
  await new Promise((resolve) => { last.onended = resolve; });
  await context.close();
}
