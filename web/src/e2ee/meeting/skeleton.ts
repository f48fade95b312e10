/**
 * Letters of other scripts that look like Latin ones in most fonts, each pair beside the other: the part of Unicode's confusables
 * (UTS 39, section 4) that names are made of. Which of two letters stands for both means nothing.
 */
const lookalikes = [
  // Cyrillic
  'аa АA вB ВB сc СC ԁd еe ЕE һh НH нH іi ІI јj ЈJ кk КK ӏl мM МM оo ОO рp РP ԛq гr ѕs ЅS тT ТT ѵv ԝw хx ХX уy УY ґr',
  // Greek
  'αa ΑA ΒB βB ϲc ΕE εe ΗH ηn ιi ΙI ϳj ΚK κk ΜM νv ΝN οo ΟO ρp ΡP σo ΤT τt υu ΥY χx ΧX γy ΖZ ωw',
  // Armenian, Latin without its usual form
  'օo սu ոn ցg հh ıi ɑa ɡg ɩi ʀr ꜱs ᴏo ᴄc øo Øo đd ħh łl',
].join(' ');

const latin = new Map(lookalikes.split(' ').map((pair) => {
  const [from = '', to = ''] = Array.from(pair);
  return [from, to];
}));

/** Letters of one look, once all are small. */
const alike: readonly (readonly [RegExp, string])[] = [[/[i1|]/g, 'l'], [/0/g, 'o'], [/rn/g, 'm'], [/vv/g, 'w'], [/[.' -]/g, '']];

/**
 * skeleton is equal for names that people take for one another (after UTS 39, section 4; coarser, as case, accents and punctuation
 * do not count either, and with fewer letters). It is compared, never shown.
 */
export function skeleton(name: string): string {
  const bare = name.normalize('NFD').replace(/[\u0300-\u036f]/g, '');
  const small = Array.from(bare).map((c) => latin.get(c) ?? c).join('').toLowerCase();
  return alike.reduce((text, [from, to]) => text.replace(from, to), small);
}
