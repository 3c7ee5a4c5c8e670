/* pii_generate_plain.c - numbers, words and titles that are not labelled: see pii_generator.h. */
#include "pii/pii_generator.h"

void pii_fill_phone(PiiGenerator *g)
{
    Str form =
        one_of(g, "(###) ###-####|###-###-####|###.###.####|+1 ### ### ####|##########|+1-###-###-####|+44 "
                  "## #### ####|"
                  "### ####|###-####|## ######|#### ####|(##) ###-###|(##) ####-####|## ## ## ##|## ## "
                  "##|0#### #######|"
                  "## #### ####|0###-#######|001-###-###-####x###|(###)###-####|###.###.####x####|+## ### ## "
                  "## ##|### ### ####x###|0## ### ## ##|1 (###) ###-####");
    for (size_t i = 0; i < form.len; i++)
        buf_add_char(g->out, form.ptr[i] == '#' ? (char)('0' + draw(g, 10)) : form.ptr[i]);
}

static void lower_from(PiiGenerator *g, size_t at)
{
    size_t to = at;
    for (size_t i = at; i < g->out->len; i++) {
        char c = g->out->ptr[i];
        if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.')
            g->out->ptr[to++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    g->out->len = to;
}

void pii_fill_email(PiiGenerator *g)
{
    size_t at = g->out->len;
    pii_fill_first_name(g);
    if (chance(g, 60)) {
        say_one(g, ".|_|");
        pii_fill_last_name(g);
    }
    lower_from(g, at);
    say_one(g, "@gmail.com|@yahoo.com|@outlook.com|@example.com|@|@|@hotmail.com");
    if (g->out->ptr[g->out->len - 1] == '@') {
        at = g->out->len;
        pii_fill_org_stem(g);
        lower_from(g, at);
        say_one(g, ".com|.net|.org|.io|.co.uk|.de");
    }
}

void pii_fill_url(PiiGenerator *g)
{
    say_one(g, "https://www.|http://|https://|www.|");
    size_t at = g->out->len;
    pii_fill_org_stem(g);
    lower_from(g, at);
    say_one(g, ".com|.net|.org|.com/listings/|.io/login|.com/about|.com/index.html|.gov");
}

void pii_fill_money(PiiGenerator *g)
{
    say_one(g, "$|$|$|USD |€|£");
    number(g, 1, 999);
    say_one(g, "|,000|,500|.00|.99|k|,250.00|K|M|.5M");
}

void pii_fill_date(PiiGenerator *g)
{
    static const char *const MONTHS =
        "January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|"
        "Mar|Apr|Jun|Jul|Aug|Sept|Oct|Nov|Dec";
    switch (draw(g, 6)) {
    case 0:
        say_one(g, MONTHS);
        say_c(g, " ");
        number(g, 1, 31);
        say_one(g, "|th|, ");
        if (g->out->ptr[g->out->len - 2] == ',')
            number(g, 1950, 2030);
        return;
    case 1:
        number(g, 1, 12);
        say_c(g, "/");
        number(g, 1, 31);
        say_c(g, "/");
        number(g, 1950, 2030);
        return;
    case 2: say_one(g, "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Mon|Tue|Sat"); return;
    case 3:
        say_one(g, MONTHS);
        say_c(g, " ");
        number(g, 1900, 2030);
        return;
    case 4: number(g, 1900, 2030); return;
    default:
        number(g, 1990, 2030);
        say_c(g, "-");
        number(g, 10, 12);
        say_c(g, "-");
        number(g, 10, 28);
    }
}

/* The title of a book, song or film: capitals that are no name. */
void pii_fill_work_title(PiiGenerator *g)
{
    if (chance(g, 40)) {
        say(g, pick(g, g->work_title));
        return;
    }
    if (chance(g, 40))
        say_c(g, "The ");
    for (uint32_t n = 1 + draw(g, 3); n > 0; n--) {
        titled(g, pick(g, n == 1 ? g->noun : chance(g, 70) ? g->adjective : g->verb));
        if (n > 1)
            say_c(g, " ");
    }
    if (chance(g, 20)) {
        say_one(g, " of | and | in the | for ");
        titled(g, pick(g, g->noun));
    }
}

/* A sentence of random words: any word may stand where no name is. */
void pii_fill_chatter(PiiGenerator *g)
{
    say_one(g, "The |A |This |Our |Some |Every |Your |My |Those |No |Each ");
    for (uint32_t n = draw(g, 3); n > 0; n--) {
        say(g, pick(g, chance(g, 50) ? g->adjective : g->common));
        say_c(g, " ");
    }
    say(g, pick(g, g->noun));
    say_one(g, " can | will | did not | may | should | never | might | | has to | tries to ");
    say(g, pick(g, g->verb));
    say_one(g, " the | a | our | their | some | ");
    say(g, pick(g, g->common));
    say_c(g, " ");
    say(g, pick(g, g->noun));
    say_c(g, " ");
    say(g, pick(g, g->adverb));
}

void pii_fill_job_title(PiiGenerator *g)
{
    if (chance(g, 50)) {
        titled(g, pick(g, chance(g, 50) ? g->company_word : g->noun));
        say_c(g, " ");
    }
    say(g, pick(g, g->job));
}

/* ---- words of posts ---- */

void pii_fill_slang(PiiGenerator *g)
{
    size_t at = g->out->len;
    if (chance(g, 60)) {
        pii_fill_made_up(g);
    } else {
        say(g, pick(g, g->common));
        say_one(g, "in|ish|er|z|ly|y|ness|ism|men|ers");
    }
    pii_noise_case(g->out, at, false);
}

void pii_fill_plural(PiiGenerator *g)
{
    say(g, pick(g, chance(g, 60) ? g->noun : g->common));
    say_c(g, "s");
}

void pii_fill_slang_plural(PiiGenerator *g)
{
    pii_fill_slang(g);
    say_c(g, "s");
}

static void capital_run(PiiGenerator *g)
{
    titled(g, pick(g, chance(g, 50) ? g->noun : g->common));
    if (chance(g, 50))
        titled(g, pick(g, g->noun));
}

/* @MaryJones12 and #OpenHouse: a name that somebody chose for the public, and a subject. */
void pii_fill_handle(PiiGenerator *g)
{
    say_c(g, "@");
    size_t at = g->out->len;
    if (chance(g, 60))
        pii_fill_first_name(g);
    else
        capital_run(g);
    say_one(g, "|_||the|");
    if (chance(g, 60))
        pii_fill_last_name(g);
    if (chance(g, 30))
        digits(g, 1 + draw(g, 4));
    size_t to = at;
    for (size_t i = at; i < g->out->len; i++)
        if (g->out->ptr[i] != ' ' && g->out->ptr[i] != '-' && g->out->ptr[i] != '\'')
            g->out->ptr[to++] = g->out->ptr[i];
    g->out->len = to;
}

void pii_fill_hash_tag(PiiGenerator *g)
{
    say_c(g, "#");
    size_t at = g->out->len;
    if (chance(g, 40))
        pii_fill_city(g);
    else
        capital_run(g);
    if (chance(g, 25))
        digits(g, 1 + draw(g, 4));
    size_t to = at;
    for (size_t i = at; i < g->out->len; i++)
        if (g->out->ptr[i] != ' ' && g->out->ptr[i] != '.')
            g->out->ptr[to++] = g->out->ptr[i];
    g->out->len = to;
}

void pii_fill_exclaim(PiiGenerator *g)
{
    if (chance(g, 20)) { /* "Ohhhh", "hahaha" */
        Str stem = one_of(
            g, "Oh|oh|Ah|AH|Whoo|Soo|Yess|Noo|Aww|Ugh|Hmm|Eww|Yayy|Wow|Omg|hey|Heyy|pleasee|lol|xo|Xo|xx");
        say(g, stem);
        for (uint32_t n = draw(g, 5); n > 0; n--)
            buf_add_char(g->out, stem.ptr[stem.len - 1]);
        return;
    }
    if (chance(g, 8)) {
        for (uint32_t n = 2 + draw(g, 4); n > 0; n--)
            say_one(g, "ha|ha|he|hi|HA");
        return;
    }
    say_one(g, "Wow|Omg|OMG|Lol|LOL|Haha|haha|Ugh|Hmm|Aww|Yay|Oh|Ah|Well|Ok|Yes|No|Hey|Damn|Dude|Bro|Nice|"
               "Cool|Great|Idk|idk|Wtf|"
               "Xo|xoxo|xD|ICYMI|DM|LOVE|NEW|FREE|LIVE|WIN|URL|"
               "smh|SMH|tbh|TBH|Yep|Nope|Yeah|Eww|Oops|Whoa|FYI|LMAO|lmao|Congrats|Enjoy|Sorry|Thanks");
}

static Str slang(PiiGenerator *g)
{
    return pick(g, chance(g, 80) ? g->slang : g->interjection);
}

void pii_fill_internet_slang(PiiGenerator *g)
{
    say(g, slang(g));
}

void pii_fill_capital_slang(PiiGenerator *g)
{
    titled(g, slang(g));
}

/* "sooooo", "pleaseee", "tiiime": one small letter of the word from byte `at` on, several times. */
static void lengthen(PiiGenerator *g, size_t at)
{
    size_t i = at + draw(g, (uint32_t)(g->out->len - at));
    char letter = g->out->ptr[i], tail[64];
    size_t rest = g->out->len - i - 1;
    if (rest > sizeof tail || letter < 'a' || letter > 'z')
        return;
    memcpy(tail, g->out->ptr + i + 1, rest);
    g->out->len = i + 1;
    for (uint32_t n = 2 + draw(g, 6); n > 0; n--)
        buf_add_char(g->out, letter);
    buf_add_str(g->out, (Str){tail, rest});
}

void pii_fill_long_word(PiiGenerator *g)
{
    size_t at = g->out->len;
    say(g, chance(g, 40) ? slang(g) : pick(g, chance(g, 50) ? g->adjective : g->common));
    lengthen(g, at);
}

void pii_fill_capital_long_word(PiiGenerator *g)
{
    size_t at = g->out->len;
    titled(g, chance(g, 60) ? slang(g) : pick(g, chance(g, 50) ? g->adjective : g->common));
    lengthen(g, at);
}

void pii_fill_month(PiiGenerator *g)
{
    say_one(g, "January|February|March|April|May|June|July|August|September|October|November|December");
}

void pii_fill_weekday(PiiGenerator *g)
{
    say_one(g, "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|monday|friday|saturday|sunday");
}

void pii_fill_name_word(PiiGenerator *g)
{
    say(g, pick(g, g->name_word));
}

void pii_fill_capital_name_word(PiiGenerator *g)
{
    titled(g, pick(g, g->name_word));
}

void pii_fill_thing(PiiGenerator *g)
{
    say(g, pick(g, g->thing));
}

void pii_fill_letters(PiiGenerator *g)
{
    for (uint32_t n = 2 + draw(g, 3); n > 0; n--)
        buf_add_char(g->out, (char)('A' + draw(g, 26)));
}

void pii_fill_code(PiiGenerator *g)
{
    for (uint32_t n = 1 + draw(g, 3); n > 0; n--)
        buf_add_char(g->out, (char)('A' + draw(g, 26)));
    say_one(g, "||-| ");
    digits(g, 1 + draw(g, 4));
}

void pii_fill_capital_verb(PiiGenerator *g)
{
    titled(g, pick(g, g->verb));
}

void pii_fill_capital_adjective(PiiGenerator *g)
{
    titled(g, pick(g, g->adjective));
}

void pii_fill_capital_adverb(PiiGenerator *g)
{
    titled(g, pick(g, g->adverb));
}

void pii_fill_nationals(PiiGenerator *g)
{
    pii_fill_nrp(g);
    if (g->out->ptr[g->out->len - 1] != 's')
        say_c(g, "s");
}

void pii_fill_noun(PiiGenerator *g)
{
    say(g, pick(g, g->noun));
}
void pii_fill_adjective(PiiGenerator *g)
{
    say(g, pick(g, g->adjective));
}
void pii_fill_verb(PiiGenerator *g)
{
    say(g, pick(g, g->verb));
}
void pii_fill_adverb(PiiGenerator *g)
{
    say(g, pick(g, g->adverb));
}
void pii_fill_any_word(PiiGenerator *g)
{
    say(g, pick(g, chance(g, 50) ? g->frequent : g->common));
}
void pii_fill_capital_word(PiiGenerator *g)
{
    titled(g, pick(g, chance(g, 35) ? g->frequent : chance(g, 60) ? g->noun : g->common));
}
void pii_fill_product(PiiGenerator *g)
{
    say(g, pick(g, g->product));
}
void pii_fill_small_number(PiiGenerator *g)
{
    number(g, 1, 99);
}
void pii_fill_big_number(PiiGenerator *g)
{
    digits(g, 3 + draw(g, 8));
}
void pii_fill_clock_time(PiiGenerator *g)
{
    number(g, 1, 12);
    say_one(g, ":00|:30|:15|:45|");
    say_one(g, " pm| am|pm|am| PM| AM");
}
void pii_fill_last_only(PiiGenerator *g)
{
    pii_fill_surnames(g);
}
void pii_fill_language(PiiGenerator *g)
{
    say(g, pick(g, g->language));
}
void pii_fill_state_short(PiiGenerator *g)
{
    say(g, pick(g, g->state_abbr));
}
void pii_fill_street_only(PiiGenerator *g)
{
    pii_fill_street_us(g);
}
void pii_fill_title_word(PiiGenerator *g)
{
    say_one(g, "Mr.|Mrs.|Ms.|Dr.|Mr|Mrs|Ms|Dr|Prof.|Miss|Professor|Sir|Rev.|Judge|Officer|Agent|Coach|"
               "Senator|Captain|Uncle|Aunt|Father");
}

/* "walked" and "sold"; "walks". */
void pii_fill_past(PiiGenerator *g)
{
    if (chance(g, 45)) {
        say_one(g, "began|wrote|took|gave|made|went|left|won|lost|sold|bought|met|ran|held|kept|found|built|"
                   "thought|brought|"
                   "spoke|drove|led|grew|became|came|said|told|had|was|did not|could "
                   "not|would|sent|paid|felt|heard|saw|"
                   "knew|chose|broke|sang|read|put|cut|hit|let|taught|caught|fought|sat|stood|understood|got|"
                   "forgot|fell");
        return;
    }
    say(g, pick(g, g->verb));
    say_c(g, g->out->ptr[g->out->len - 1] == 'e' ? "d" : "ed");
}
void pii_fill_verbs(PiiGenerator *g)
{
    say(g, pick(g, g->verb));
    say_c(g, "s");
}

void pii_fill_foreign(PiiGenerator *g)
{
    say(g, pick(g, chance(g, 60) ? g->foreign_word : g->foreign_text));
}
void pii_fill_foreign_capital(PiiGenerator *g)
{
    titled(g, pick(g, chance(g, 60) ? g->foreign_word : g->foreign_text));
}
/* Of a program, a shop's goods, a song: nobody's. */
void pii_fill_product_name(PiiGenerator *g)
{
    if (chance(g, 40))
        capital_run(g);
    else
        pii_fill_made_up(g);
    if (chance(g, 20)) {
        say_c(g, " ");
        digits(g, 1 + draw(g, 2));
    }
}

/* ---- labels and consoles ---- */

static void word_start(PiiGenerator *g)
{
    Str word = pick(g, g->common);
    uint32_t want = 1 + draw(g, 4);
    for (size_t i = 0; i < word.len && i < want && word.ptr[i] >= 'a' && word.ptr[i] <= 'z'; i++)
        buf_add_char(g->out, word.ptr[i]);
}

/* "xz", "lsblk", "mkfs", "fontconfig": abbreviations and words run together that no dictionary has. */
void pii_fill_command(PiiGenerator *g)
{
    uint32_t kind = draw(g, 10);
    if (kind < 4) { /* letters, few of them vowels */
        for (uint32_t n = 2 + draw(g, 4); n > 0; n--)
            buf_add_char(g->out, chance(g, 20) ? "aeiou"[draw(g, 5)] : "bcdfghjklmnpqrstvwxz"[draw(g, 20)]);
        return;
    }
    if (kind < 8) {
        word_start(g);
        word_start(g);
    } else {
        say(g, pick(g, g->noun));
        say(g, pick(g, chance(g, 50) ? g->noun : g->verb));
    }
    if (chance(g, 10))
        digits(g, 1);
}

void pii_fill_capital_command(PiiGenerator *g)
{
    size_t at = g->out->len;
    pii_fill_command(g);
    if (g->out->len > at && g->out->ptr[at] >= 'a' && g->out->ptr[at] <= 'z')
        g->out->ptr[at] = (char)(g->out->ptr[at] - 32);
}

void pii_fill_capital_noun(PiiGenerator *g)
{
    titled(g, pick(g, g->noun));
}

void pii_fill_file(PiiGenerator *g)
{
    if (chance(g, 60))
        say(g, pick(g, g->noun));
    else if (chance(g, 50))
        pii_fill_command(g);
    else
        titled(g, pick(g, g->noun));
    if (chance(g, 40)) {
        say_one(g, "-|_| |");
        if (chance(g, 50))
            say(g, pick(g, g->common));
        else
            digits(g, 1 + draw(g, 8));
    }
    say_one(g, ".txt|.csv|.pdf|.docx|.xlsx|.py|.js|.sh|.md|.json|.jpg|.png|.log|.zip|.yaml|.conf");
}
