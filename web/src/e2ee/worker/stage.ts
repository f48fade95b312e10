import { equal } from '../frame/bytes.ts';
import type { Clock } from '../frame/epochs.ts';
import type { Media } from '../meeting/ports.ts';
import { MediaEngine } from './engine.ts';
import type { FromEngine, ToEngine } from './messages.ts';
import type { Transformer } from './scope.ts';

/** What a Stage tells. */
export interface StageEvents {
  readonly engine: (message: FromEngine) => void;
  /** Another group has another engine; transforms have to be made anew for this generation. */
  readonly renewed: (generation: number) => void;
}

/**
 * Stage holds the frame engine of the group that we are in. The first is there before its group is, so that transforms can be made
 * early: they let nothing through until there are keys.
 */
export class Stage {
  readonly #events: StageEvents;
  readonly #now: Clock;
  #engine: MediaEngine;
  #group: Uint8Array | undefined;
  #generation = 1;

  constructor(events: StageEvents, now: Clock) {
    this.#events = events;
    this.#now = now;
    this.#engine = this.#newEngine();
  }

  /** engine is that of the moment. */
  get engine(): MediaEngine {
    return this.#engine;
  }

  /** media is the engine of a group: the same for another leaf of the same group, and a new one for every other. */
  media(group: Uint8Array): Media {
    if (this.#group === undefined || !equal(this.#group, group)) {
      if (this.#group !== undefined) this.#renew();
      this.#group = group.slice();
    }
    return this.#engine;
  }

  /** attach takes a transformer over. One of an earlier group is left alone: what nobody reads goes nowhere. */
  attach(transformer: Transformer): void {
    if (transformer.options.generation === this.#generation) this.#engine.attach(transformer);
  }

  handle(message: ToEngine): void {
    this.#engine.handle(message);
  }

  #renew(): void {
    this.#engine.halt();
    this.#generation++;
    this.#engine = this.#newEngine();
    this.#events.renewed(this.#generation);
  }

  #newEngine(): MediaEngine {
    const engine: MediaEngine = new MediaEngine((message) => {
      if (engine === this.#engine) this.#events.engine(message);
    }, this.#now);
    return engine;
  }
}
