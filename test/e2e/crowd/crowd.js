// Runs in a page before its own scripts. It gives the page a microphone and a camera of its own, a tone and a colour by
// which everybody knows who it is, and ears and eyes: every sound that the page plays and every picture that it shows is
// held against the name that stands at it. CROWD is put in front by whoever opens the page.
(() => {
  if (location.protocol !== 'https:') return; // the empty page of somebody who has gone
  const { me, people, width, height, rate } = CROWD;
  const now = () => Date.now();

  // The devices.

  /** Of RGB, 0 to 1 each, in ITU-R BT.601 as cameras give it. */
  const yuv = ([r, g, b]) => [16 + 65.5 * r + 128.6 * g + 25 * b, 128 - 37.8 * r - 74.2 * g + 112 * b, 128 + 112 * r - 93.8 * g - 18.2 * b];
  const rgb = (hue) => [0, 8, 4].map((n) => {
    const k = (n + hue / 30) % 12;
    return 0.5 - 0.4 * Math.max(-1, Math.min(k - 3, 9 - k, 1));
  });

  function camera() {
    const [y, u, v] = yuv(rgb(people.find((p) => p.name === me).hue));
    const pixels = width * height;
    const data = new Uint8Array(pixels * 3 / 2);
    data.fill(u, pixels, pixels * 5 / 4).fill(v, pixels * 5 / 4);
    const track = new MediaStreamTrackGenerator({ kind: 'video' });
    const writer = track.writable.getWriter();
    let n = 0;
    const timer = setInterval(() => {
      data.fill(y, 0, pixels);
      const row = 8 * (n++ % Math.floor(height / 8)); // something moves, so that every picture is worth sending
      data.fill(y + 20, row * width, (row + 8) * width);
      const frame = new VideoFrame(data, { format: 'I420', codedWidth: width, codedHeight: height, timestamp: Math.round(performance.now() * 1000) });
      writer.write(frame).catch(() => clearInterval(timer));
    }, 1000 / rate);
    return track;
  }

  let context;
  let mouth;
  let loudness = 0;
  const sound = () => {
    if (context === undefined) {
      context = new AudioContext({ sampleRate: 48000 });
      const tone = new OscillatorNode(context, { frequency: people.find((p) => p.name === me).tone });
      mouth = new GainNode(context, { gain: loudness });
      tone.connect(mouth);
      tone.start();
    }
    return context;
  };
  function microphone() {
    const out = new MediaStreamAudioDestinationNode(sound(), { channelCount: 1 });
    mouth.connect(out);
    return out.stream.getAudioTracks()[0];
  }
  navigator.mediaDevices.getUserMedia = async ({ audio, video }) =>
    new MediaStream([...(audio ? [microphone()] : []), ...(video ? [camera()] : [])]);

  const connections = [];
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) {
      super(...args);
      connections.push(this);
    }
  };

  const workers = [];
  globalThis.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      workers.push(this);
    }
  };

  /** The last messages to and from the gateway, for whoever reads a failure. */
  const messages = [];
  function wrote(way, text) {
    const { type, message, code, items } = JSON.parse(text);
    if (type === 'levels' || type === 'candidate') return;
    const inner = message === undefined ? '' : [message.type, message.kind, message.record?.kind, message.epoch, message.record?.epoch, message.fault, message.leaf, message.here].filter((v) => v !== undefined).join(' ');
    messages.push(`${new Date().toISOString().slice(14, 23)} ${way} ${type} ${code ?? ''}${inner}${type === 'slots' ? items.map((i) => nameOf(i.participant)).join() : ''}`);
    if (messages.length > 60) messages.shift();
  }
  globalThis.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', ({ data }) => wrote('<', data));
      for (const event of ['open', 'close']) this.addEventListener(event, () => messages.push(`${new Date().toISOString().slice(14, 23)} ${event}`));
    }
    send(data) {
      wrote('>', data);
      super.send(data);
    }
  };

  // Ears and eyes.

  /** When somebody's tone was last heard and colour last seen, under whatever name. */
  const heard = {};
  const seen = {};
  /** What was heard or seen under another name than its own: once for each run of it. */
  const wrong = [];
  const names = new Map();
  const plain = (text) => text.trim().replace(/ \((\d+|you)\)/gi, '');
  const find = (id) => document.querySelector(`[data-testid="${id}"]`);
  const all = (id) => [...document.querySelectorAll(`[data-testid="${id}"]`)];
  const nameOf = (id) => names.get(id) ?? '';
  const learn = () => {
    for (const tile of all('tile')) names.set(tile.dataset.participant, plain(tile.querySelector('.plate-name').textContent));
  };
  function note(kind, shown, got, since) {
    const last = wrong.findLast((w) => w.kind === kind && w.shown === shown && w.got === got);
    if (last !== undefined && now() - last.to < 1000) Object.assign(last, { to: now(), since });
    else wrong.push({ kind, shown, got, since, from: now(), to: now() });
  }

  const ears = new Map();
  const bins = 4096;
  const levels = new Float32Array(bins / 2);
  /** Whose tones there are, loud enough to be no crumb of a codec. */
  function tones(ear) {
    ear.getFloatFrequencyData(levels);
    const at = ({ tone }) => Math.max(...[-1, 0, 1].map((d) => levels[Math.round(tone * bins / 48000) + d]));
    const loudest = Math.max(...people.map(at));
    return people.filter((p) => at(p) > Math.max(-50, loudest - 25)).map((p) => p.name);
  }
  function listen() {
    learn();
    const there = new Set(document.querySelectorAll('audio[data-slot]'));
    for (const [element, ear] of ears) {
      if (there.has(element) && element.srcObject === ear.stream) continue;
      ear.source?.disconnect();
      ears.delete(element);
    }
    for (const element of there) {
      const stream = element.srcObject;
      if (stream === null) continue;
      let ear = ears.get(element);
      if (ear === undefined) {
        const node = new AnalyserNode(sound(), { fftSize: bins, smoothingTimeConstant: 0 });
        const source = new MediaStreamAudioSourceNode(context, { mediaStream: stream });
        source.connect(node);
        ear = { stream, source, node, of: '', since: now() };
        ears.set(element, ear);
      }
      const shown = nameOf(element.dataset.participant);
      if (shown !== ear.of) Object.assign(ear, { of: shown, since: now() });
      for (const name of tones(ear.node)) {
        heard[name] = now();
        if (name !== shown) note('sound', shown, name, now() - ear.since);
      }
    }
  }

  const glass = new OffscreenCanvas(4, 4).getContext('2d', { willReadFrequently: true });
  /** Whose colour a picture is; nobody's where it is grey, as that of a camera that may not be sent yet. */
  function face(video) {
    glass.drawImage(video, 0, 0, 4, 4);
    const [r, g, b] = glass.getImageData(1, 1, 1, 1).data;
    const most = Math.max(r, g, b);
    const span = most - Math.min(r, g, b);
    if (span < 40) return '';
    const hue = most === r ? (60 * (g - b) / span + 360) % 360 : most === g ? 60 * (b - r) / span + 120 : 60 * (r - g) / span + 240;
    const off = (p) => Math.min(Math.abs(p.hue - hue), 360 - Math.abs(p.hue - hue));
    const nearest = people.reduce((a, p) => (off(p) < off(a) ? p : a));
    return off(nearest) < 15 ? nearest.name : `hue ${Math.round(hue)}`;
  }
  const eyes = new WeakMap();
  /** Of each person's pictures, and of all together under no name. */
  const pictures = new Map();
  function came(name, width) {
    const at = performance.now();
    const { last, longest, n } = pictures.get(name) ?? { last: at, longest: 0, n: 0 };
    pictures.set(name, { last: at, longest: Math.max(longest, at - last), n: n + 1, width });
  }
  function watch() {
    for (const video of document.querySelectorAll('[data-testid=tile] video')) {
      if (eyes.has(video)) continue;
      const eye = { since: now(), last: 0 };
      eyes.set(video, eye);
      const each = () => {
        if (!video.isConnected) return;
        const shown = plain(video.closest('[data-testid=tile]').querySelector('.plate-name').textContent);
        const name = shown === me ? me : getComputedStyle(video).opacity === '0' ? '' : face(video);
        if (name !== '') {
          if (shown !== me) seen[name] = now();
          if (name !== shown) note('picture', shown, name, now() - eye.since);
          if (name === shown && shown !== me) for (const of of [name, '']) came(of, video.videoWidth);
        }
        video.requestVideoFrameCallback(each);
      };
      video.requestVideoFrameCallback(each);
    }
  }
  /** What the page said above the stage, each once. */
  const said = [];
  function read() {
    for (const strip of find('strips')?.children ?? []) {
      const words = strip.querySelector('p').textContent;
      if (!said.some((s) => s.words === words)) said.push({ at: now(), id: strip.dataset.testid, words });
    }
  }
  setInterval(() => {
    watch();
    read();
    if (context !== undefined) listen();
  }, 100);

  // A meter of what is missing of a sound, sample by sample.

  /** By audio element: whose it is, and the longest stretch without it, samples. */
  const meters = new Map();
  const hush = 0.015;
  const block = 240;
  async function measure(element, meter) {
    const { reader } = meter;
    let run = 0;
    for (let samples = new Float32Array(); ;) {
      const { value, done } = await reader.read();
      if (done) return;
      if (samples.length < value.numberOfFrames) samples = new Float32Array(value.numberOfFrames);
      const n = value.numberOfFrames;
      value.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
      value.close();
      for (let i = 0; i < n; i += block) {
        let energy = 0;
        for (let k = i; k < Math.min(n, i + block); k++) energy += samples[k] ** 2;
        run = Math.sqrt(energy / block) < hush ? run + block : 0;
        meter.longest = Math.max(meter.longest, run);
        meter.heard += block;
      }
    }
  }
  /** What was missing of everybody since the last time, ms, and what the browser made up for all of them, samples. */
  async function sounds() {
    const told = {};
    for (const element of document.querySelectorAll('audio[data-slot]')) {
      const track = element.srcObject?.getAudioTracks()[0];
      if (track === undefined) continue;
      let meter = meters.get(element);
      if (meter === undefined) {
        meter = { reader: new MediaStreamTrackProcessor({ track, maxBufferSize: 200 }).readable.getReader(), longest: 0, heard: 0 };
        meters.set(element, meter);
        void measure(element, meter);
      }
      learn();
      const name = nameOf(element.dataset.participant);
      if (name !== '') told[name] = { gap: meter.longest / 48, heard: meter.heard / 48 };
      Object.assign(meter, { longest: 0, heard: 0 });
    }
    let madeUp = 0;
    for (const connection of connections.filter((c) => c.connectionState !== 'closed')) {
      for (const stats of (await connection.getStats()).values()) if (stats.type === 'inbound-rtp') madeUp += stats.concealedSamples ?? 0;
    }
    return { told, madeUp: madeUp / 48 };
  }

  // What a test asks and does.

  let asked = 0;
  const click = (id, within = document) => {
    const button = within.querySelector(`[data-testid="${id}"]`);
    button?.click();
    return button !== null;
  };
  const screens = ['room', 'lobby', 'joining', 'green-room', 'ended', 'encryption-fault', 'landing'];

  globalThis.crowd = {
    /** Looks, and has whoever sits there go on where they are asked. */
    look() {
      for (const id of ['consent-continue', 'go-on', 'understood']) click(id);
      if (find('people-panel') === null) click('people'); // where hosts see who waits
      const screen = screens.find((id) => find(id) !== null) ?? '';
      return {
        screen, now: now(),
        why: find('ended')?.dataset.code ?? find('encryption-fault')?.dataset.fault ?? '',
        media: find('room')?.dataset.media ?? '',
        mark: find('room-mark')?.dataset.mark ?? '',
        tiles: all('tile').map((t) => plain(t.querySelector('.plate-name').textContent)),
        hosts: all('person').filter((p) => p.querySelector('[data-testid="host-tag"]') !== null).map((p) => plain(p.querySelector('.person-name span').textContent)),
        cards: all('card').map((c) => plain(c.querySelector('.person-name span').textContent)),
        asks: all('ask-allow').length,
        locked: find('room-locked') !== null,
        unreadable: all('unreadable').length,
        said: said.splice(0), heard, seen, wrong: wrong.filter((w) => w.to > now() - 60_000),
      };
    },
    messages: () => messages,
    /** What the browser counts of each video, for whoever reads a failure. */
    async videos() {
      const told = [];
      for (const connection of connections.filter((c) => c.connectionState !== 'closed')) {
        for (const s of (await connection.getStats()).values()) {
          if (s.kind !== 'video' || !(s.packetsReceived > 0 || s.packetsSent > 0)) continue;
          told.push(s.type === 'inbound-rtp'
            ? `in ${s.mid}: ${s.packetsReceived} packets, ${s.framesReceived} received, ${s.framesDecoded} decoded, ${s.keyFramesDecoded} key, ${s.pliCount} PLI, ${s.frameWidth} wide`
            : `out ${s.mid} ${s.rid}: ${s.packetsSent} packets, ${s.framesEncoded} encoded, ${s.keyFramesEncoded} key, ${s.pliCount} PLI, ${s.frameWidth} wide, ${s.qualityLimitationReason}`);
        }
      }
      return told;
    },
    /** The worker with the keys dies, as of a fault of the browser. */
    kill() {
      for (const worker of workers.splice(0)) worker.terminate();
      return true;
    },
    click(id) { return click(id); },
    /** Lets in, by the card with that name. */
    admit(name) {
      const card = all('card').find((c) => plain(c.querySelector('.person-name span').textContent) === name);
      return card !== undefined && click('admit', card);
    },
    /** What a host does to somebody in the list. */
    act(name, what) {
      const row = all('person').find((p) => plain(p.querySelector('.person-name span').textContent) === name);
      if (row === undefined) return false;
      if (row.querySelector(`[data-testid="${what}"]`) === null) { click('actions', row); return false; }
      return click(what, row);
    },
    speak(gain) {
      loudness = gain;
      if (context !== undefined) mouth.gain.setTargetAtTime(gain, context.currentTime, 0.02);
    },
    /** The code of the epoch that this page is in; empty until it is there. */
    code() {
      if (find('encryption-dialog') === null) click('room-mark');
      if (now() - asked > 3000 && click('long-show')) asked = now(); // it takes a while to make, and each click makes one
      const code = find('long-code');
      if (code === null) return { epoch: -1, code: '' };
      return { epoch: Number(/#(\d+)/.exec(code.parentElement.textContent)?.[1] ?? -1), code: code.textContent };
    },
    uncode() { click('close', find('encryption-dialog') ?? document); },
    pictures(reset) {
      const told = Object.fromEntries([...pictures].map(([name, p]) => [name, { gap: Math.max(p.longest, performance.now() - p.last), n: p.n, width: p.width }]));
      if (reset) pictures.clear();
      return told;
    },
    sounds,
  };
})();
