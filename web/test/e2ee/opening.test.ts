// What is said of a receiver whose frames do not open.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { looked, open, passageOf, type Opening } from '../../src/e2ee/opening.ts';
import type { TrackCount } from '../../src/e2ee/worker/messages.ts';

/** Receiver is looked at four times a second, as the watchdog does. */
class Receiver {
  at = 0;
  #opening: Opening = open;

  /** looks has it looked at for so long, with so many frames each time; it gives when it was shut or opened, ms. */
  looks(ms: number, opened: number, refused: number): readonly string[] {
    const said: string[] = [];
    for (let i = 0; i < ms / 250; i++) {
      this.at += 250;
      const { shut } = this.#opening;
      this.#opening = looked(this.#opening, { at: this.at, opened, refused });
      if (this.#opening.shut !== shut) said.push(`${shut ? 'opens' : 'shut'} ${this.at}`);
    }
    return said;
  }

  get shut(): boolean {
    return this.#opening.shut;
  }
}

test('frames that do not open are said after 3 s, and taken back when they have opened for half a second', () => {
  const receiver = new Receiver();
  assert.deepEqual(receiver.looks(5000, 5, 0), []);
  assert.deepEqual(receiver.looks(20_000, 0, 5), ['shut 8250']);
  assert.deepEqual(receiver.looks(5000, 5, 0), ['opens 25750']);
});

test('a commit that takes 2 s, again and again, is not said', () => {
  const receiver = new Receiver();
  for (let i = 0; i < 10; i++) assert.deepEqual([...receiver.looks(2500, 0, 5), ...receiver.looks(250, 1, 5)], []);
});

test('one frame that opens now and then does not make the mark flash', () => {
  const receiver = new Receiver();
  receiver.looks(4000, 0, 5);
  const said: string[] = [];
  for (let i = 0; i < 10; i++) said.push(...receiver.looks(250, 1, 4), ...receiver.looks(2000, 0, 5));
  assert.deepEqual([said, receiver.shut], [[], true]);
});

test('where nothing comes any more nothing is said; pauses between frames are no end', () => {
  const receiver = new Receiver();
  for (let i = 0; i < 6; i++) assert.deepEqual(receiver.looks(250, 0, 1), []);
  assert.deepEqual(receiver.looks(4750, 0, 0), []);
  assert.deepEqual(receiver.looks(250, 0, 1), ['shut 6500']);
  assert.deepEqual(receiver.looks(8000, 0, 0), ['opens 11500']);
  assert.deepEqual(receiver.looks(2500, 0, 1), []);
});

test('what is left of a stream is too little to say anything', () => {
  const receiver = new Receiver();
  assert.deepEqual([...receiver.looks(250, 0, 1), ...receiver.looks(3500, 0, 0), ...receiver.looks(250, 0, 1), ...receiver.looks(3000, 0, 0)], []);
});

test('a look counts what came since the one before; padding is no frame, and the first look has nothing to compare with', () => {
  const count = (passed: number, dropped: TrackCount['dropped']): TrackCount => ({ id: 'r', side: 'receive', seen: 0, passed, bytes: 0, dropped });
  assert.deepEqual(passageOf(7, undefined, count(9, { epoch: 4 })), { at: 7, opened: 0, refused: 0 });
  assert.deepEqual(passageOf(8, count(9, { epoch: 4, empty: 1 }), count(11, { epoch: 5, empty: 9, authentication: 2 })), { at: 8, opened: 2, refused: 3 });
});
