import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { arrange, type Rect } from '../../src/ui/layout.ts';

const sizes = [[1256, 650], [900, 650], [374, 640], [344, 520], [740, 260], [3840, 2000], [160, 120]] as const;
const inside = (r: Rect, width: number, height: number): boolean => r.x >= 0 && r.y >= 0 && r.x + r.width <= width + 1 && r.y + r.height <= height + 1;
const apart = (a: Rect, b: Rect): boolean => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

for (const [width, height] of sizes) {
  for (const screen of [false, true]) {
    test(`${width}x${height}${screen ? ' with a screen' : ''}: all inside, none over another, none lost`, () => {
      for (let count = 1; count <= 50; count++) {
        const first = arrange({ width, height, count, screen, page: 0 });
        let placed = 0;
        for (let page = 0; page < first.pages; page++) {
          const layout = arrange({ width, height, count, screen, page });
          const rects = layout.screen === undefined ? layout.tiles : [...layout.tiles, layout.screen];
          assert.equal(layout.screen !== undefined, screen);
          rects.forEach((rect, i) => {
            assert.ok(inside(rect, width, height), `${count}: ${JSON.stringify(rect)}`);
            for (const other of rects.slice(i + 1)) assert.ok(apart(rect, other), `${count}: ${JSON.stringify([rect, other])}`);
          });
          placed += layout.tiles.length;
        }
        assert.equal(placed, count);
      }
    });
  }
}

test('one tile fills the stage as far as its shape allows', () => {
  const tile = arrange({ width: 1600, height: 900, count: 1, screen: false, page: 0 }).tiles[0];
  assert.deepEqual(tile, { x: 0, y: 0, width: 1600, height: 900 });
});

test('tiles have one size and the shape of a picture', () => {
  const { tiles } = arrange({ width: 1256, height: 650, count: 7, screen: false, page: 0 });
  assert.equal(new Set(tiles.map((t) => `${t.width}x${t.height}`)).size, 1);
  const shape = (tiles[0]?.width ?? 0) / (tiles[0]?.height ?? 1);
  assert.ok(shape > 4 / 3 - 0.02 && shape < 16 / 9 + 0.02, String(shape));
});

test('a shared screen gets most of the stage', () => {
  for (const [width, height] of [[1256, 650], [374, 640]] as const) {
    const { screen } = arrange({ width, height, count: 4, screen: true, page: 0 });
    assert.ok(screen !== undefined && screen.width * screen.height > 0.7 * width * height);
  }
});

test('more than fit are put on pages; a page too high is the last', () => {
  const layout = arrange({ width: 374, height: 640, count: 30, screen: false, page: 99 });
  assert.ok(layout.pages > 1);
  assert.equal(layout.page, layout.pages - 1);
  assert.equal(layout.tiles.length, 30 - layout.perPage * (layout.pages - 1));
});

test('no place, no people: nothing, and no fault', () => {
  assert.deepEqual(arrange({ width: 0, height: 0, count: 3, screen: false, page: 0 }).tiles, []);
  assert.deepEqual(arrange({ width: 800, height: 600, count: 0, screen: false, page: 0 }).tiles, []);
});
