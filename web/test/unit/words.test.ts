import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { chooseLanguage, languages, sayIn, type Catalogue, type Language, type WordKey } from '../../src/ui/words/words.ts';

const keys = Object.keys(languages.en.catalogue) as WordKey[];
const placeholders = (text: string): readonly string[] => [...text.matchAll(/\{\w+\}/g)].map((m) => m[0]).sort();

for (const language of Object.keys(languages) as Language[]) {
  const catalogue: Catalogue = languages[language].catalogue;
  test(`${language} says everything that English says`, () => {
    assert.deepEqual(Object.keys(catalogue).sort(), [...keys].sort());
    for (const key of keys) {
      assert.ok(catalogue[key].trim() !== '', key);
      assert.deepEqual(placeholders(catalogue[key]), placeholders(languages.en.catalogue[key]), key);
    }
  });
}

test('values are put into the text', () => {
  assert.equal(sayIn('en')('lobby.position', { position: 3 }), 'You are number 3 in line.');
  assert.equal(sayIn('de')('notice.joined', { name: '{name}' }), '{name} nimmt teil.');
});

test('the first language that there is', () => {
  const cases: readonly (readonly [readonly string[], Language])[] = [
    [['de-CH', 'en'], 'de'], [['fr', 'de'], 'de'], [['fr'], 'en'], [[], 'en'], [['EN-us'], 'en'], [['den'], 'en'],
  ];
  for (const [wanted, chosen] of cases) assert.equal(chooseLanguage(wanted), chosen, wanted.join());
});
