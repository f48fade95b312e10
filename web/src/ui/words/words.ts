import { de } from './de.ts';
import { en } from './en.ts';

/** The names of all texts. */
export type WordKey = keyof typeof en;

/** A catalogue: every text in one language. */
export type Catalogue = Readonly<Record<WordKey, string>>;

type Placeholders<T extends string> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;
type Values<K extends WordKey> = Placeholders<(typeof en)[K]>;

/** Say gives a text; its second argument fills the {placeholders} that the English text has. */
export type Say = <K extends WordKey>(
  key: K, ...values: [Values<K>] extends [never] ? [] : [Readonly<Record<Values<K>, string | number>>]
) => string;

/** A language the page speaks. */
export type Language = 'en' | 'de';

export const languages: Readonly<Record<Language, { readonly name: string; readonly catalogue: Catalogue }>> = {
  en: { name: 'English', catalogue: en },
  de: { name: 'Deutsch', catalogue: de },
};

/** chooseLanguage takes the first wanted language that there is; English when there is none. */
export function chooseLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const short = tag.toLowerCase().split('-')[0];
    if (short === 'en' || short === 'de') return short;
  }
  return 'en';
}

/** sayIn speaks one language. */
export function sayIn(language: Language): Say {
  const { catalogue } = languages[language];
  return (key, ...values) => fill(catalogue[key], values[0] ?? {});
}

function fill(text: string, values: Readonly<Partial<Record<string, string | number>>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
