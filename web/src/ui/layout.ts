/** A rectangle in CSS pixels from the top left of the stage. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Stage {
  readonly width: number;
  readonly height: number;
  /** Tiles that want a place. */
  readonly count: number;
  /** A shared screen takes the large place, the tiles a strip beside or below it. */
  readonly screen: boolean;
  /** Page of tiles to show, 0 for the first; too high is the last. */
  readonly page: number;
}

export interface Layout {
  readonly screen: Rect | undefined;
  /** Places of the tiles of this page, in order. */
  readonly tiles: readonly Rect[];
  readonly page: number;
  readonly pages: number;
  readonly perPage: number;
}

const gap = 8;
const widest = 16 / 9;
/** A tile smaller than this does not tell faces, nor has it room for the words under them. */
const least = { landscape: { width: 190, height: 107 }, portrait: { width: 150, height: 112 } };
/** The strip beside or below a shared screen is this wide or high, or a quarter of the stage. */
const strip = { width: 208, height: 117 };

/** arrange gives every tile a place. Pure geometry. */
export function arrange(stage: Stage): Layout {
  const whole: Rect = { x: 0, y: 0, width: Math.max(0, stage.width), height: Math.max(0, stage.height) };
  if (!stage.screen) return fit(whole, undefined, stage, capacity(whole), whole.width >= whole.height ? 4 / 3 : 3 / 4);
  if (whole.width >= whole.height) {
    const width = Math.min(strip.width, Math.round(whole.width / 4));
    const side: Rect = { ...whole, x: whole.width - width, width };
    const screen: Rect = { ...whole, width: Math.max(0, whole.width - width - gap) };
    return fit(side, screen, stage, Math.max(1, Math.floor((side.height + gap) / (width / widest + gap))), widest);
  }
  const height = Math.min(strip.height, Math.round(whole.height / 4));
  const bottom: Rect = { ...whole, y: whole.height - height, height };
  const screen: Rect = { ...whole, height: Math.max(0, whole.height - height - gap) };
  return fit(bottom, screen, stage, Math.max(1, Math.floor((bottom.width + gap) / (least.portrait.width + gap))), 4 / 3);
}

/** fit puts the tiles of one page into an area; narrowest is the least width of a tile for its height. */
function fit(area: Rect, screen: Rect | undefined, stage: Stage, perPage: number, narrowest: number): Layout {
  const pages = Math.max(1, Math.ceil(stage.count / perPage));
  const page = Math.min(Math.max(0, stage.page), pages - 1);
  const shown = Math.min(perPage, stage.count - page * perPage);
  // Every page has tiles of the same size, so that turning pages changes faces and nothing else.
  const tiles = place(area, pages > 1 ? perPage : shown, shown, narrowest);
  return { screen, tiles, page, pages, perPage };
}

/** capacity is how many tiles fit before they become too small to tell faces. */
function capacity(area: Rect): number {
  const tile = area.width >= area.height ? least.landscape : least.portrait;
  const across = Math.max(1, Math.floor((area.width + gap) / (tile.width + gap)));
  const down = Math.max(1, Math.floor((area.height + gap) / (tile.height + gap)));
  return across * down;
}

interface Cell {
  readonly columns: number;
  readonly width: number;
  readonly height: number;
}

function place(area: Rect, count: number, shown: number, narrowest: number): readonly Rect[] {
  if (count <= 0 || area.width === 0 || area.height === 0) return [];
  const cell = best(area, count, narrowest);
  const rows = Math.ceil(count / cell.columns);
  const top = area.y + (area.height - rows * cell.height - (rows - 1) * gap) / 2;
  return Array.from({ length: shown }, (_, i) => {
    const row = Math.floor(i / cell.columns);
    const inRow = Math.min(cell.columns, shown - row * cell.columns);
    const left = area.x + (area.width - inRow * cell.width - (inRow - 1) * gap) / 2;
    return {
      x: Math.floor(left + (i % cell.columns) * (cell.width + gap)),
      y: Math.floor(top + row * (cell.height + gap)),
      width: Math.floor(cell.width),
      height: Math.floor(cell.height),
    };
  });
}

/** best is the grid with the largest tiles. */
function best(area: Rect, count: number, narrowest: number): Cell {
  let found: Cell = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    let width = Math.max(0, (area.width - gap * (columns - 1)) / columns);
    let height = Math.max(0, (area.height - gap * (rows - 1)) / rows);
    if (width > height * widest) width = height * widest;
    if (width < height * narrowest) height = width / narrowest;
    if (width * height > found.width * found.height) found = { columns, width, height };
  }
  return found;
}
