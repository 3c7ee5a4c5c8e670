/* cmd_pii_train.c - ehub pii train: labelled text to a model of the tagger. */
#include "base/file.h"
#include "base/mem.h"
#include "cli/cmd_pii.h"
#include "pii/pii_generate.h"
#include "pii/pii_train.h"

#include <stdio.h>

#define LEX_BITS 18u
#define GENERATE_MAX 4000000
#define DATA_MAX (256u << 20)
#define SPANS_MAX 4096
#define WORDS_AT 1 /* of --words in the options */

typedef struct Train {
    Buf words[CLI_ARGS_MAX];
    PiiWords lists;
    uint64_t *lexicon; /* NULL: that of the shipped model */
    PiiGenerator *generator;
    PiiTrainer *trainer;
    Buf text, model;
    PiiSpan *spans;
} Train;

/* Where the code points `at` of the text begin, in bytes; false past its end. */
static bool byte_of(Str text, int64_t at, uint32_t *ret)
{
    size_t i = 0;
    for (; at > 0 && i < text.len; at--)
        for (i++; i < text.len && ((uint8_t)text.ptr[i] & 0xc0) == 0x80; i++)
            ;
    *ret = (uint32_t)i;
    return at == 0;
}

/* The spans of {"text", "spans": [{"type", "start", "end"}]}, code points to bytes, in order. */
static ErrKind read_spans(const Jv *line, Str text, PiiSpan *spans, size_t *ret_n, Err *reterr)
{
    const Jv *list = jv_get(line, "spans");
    size_t n = jv_len(list), kept = 0;
    if (jv_kind(list) != JV_ARR || n > SPANS_MAX)
        return err_set(reterr, ERR_INVALID, "\"spans\" is no list of at most %d spans", SPANS_MAX);
    for (size_t i = 0; i < n; i++) {
        const Jv *v = jv_at(list, i);
        PiiSpan s = {0};
        Str type = jv_get_str(v, "type");
        if (!byte_of(text, jv_get_i64(v, "start", -1), &s.start) ||
            !byte_of(text, jv_get_i64(v, "end", -1), &s.end) || s.start >= s.end)
            return err_set(reterr, ERR_INVALID, "span %zu is not within the text", i + 1);
        if (!pii_type_parse(type, &s.type))
            return err_set(reterr, ERR_INVALID, "span %zu: no type \"%.*s\"", i + 1, (int)MIN(type.len, 60),
                           type.ptr);
        size_t at = kept++;
        for (; at > 0 && spans[at - 1].start > s.start; at--)
            spans[at] = spans[at - 1];
        spans[at] = s;
    }
    *ret_n = kept;
    return ERR_NONE;
}

static ErrKind add_line(Train *t, Str line, Err *reterr)
{
    CLEANUP(jv_freep) Jv *v = NULL;
    TRY(jv_parse(line, &v, reterr));
    Str text;
    size_t n = 0;
    if (!jv_is_str(jv_get(v, "text"), &text))
        return err_set(reterr, ERR_INVALID, "no \"text\"");
    TRY(read_spans(v, text, t->spans, &n, reterr));
    return pii_trainer_add(t->trainer, text, t->spans, n, reterr);
}

static ErrKind add_file(Train *t, const char *path, Err *reterr)
{
    CLEANUP(buf_done) Buf b = BUF(DATA_MAX);
    TRY(file_read(path, &b, reterr));
    Str rest = buf_str(&b), line;
    for (size_t no = 1; str_next(&rest, '\n', &line); no++) {
        if (str_trim(line).len == 0)
            continue;
        Err why = {0};
        ErrKind kind = add_line(t, line, &why);
        if (kind != ERR_NONE)
            return err_set(reterr, kind, "%s, line %zu: %s", path, no, why.msg);
    }
    return ERR_NONE;
}

static ErrKind read_words(const CliCall *call, Train *t, Err *reterr)
{
    const char *const *paths = call->lists[WORDS_AT];
    int n = call->n_lists[WORDS_AT];
    for (int i = 0; i < n; i++) {
        t->words[i] = BUF(PII_WORDS_BYTES_MAX);
        TRY(file_read(paths[i], &t->words[i], reterr));
        Err why = {0};
        ErrKind kind = pii_words_add(&t->lists, buf_str(&t->words[i]), &why);
        if (kind != ERR_NONE)
            return err_set(reterr, kind, "%s: %s", paths[i], why.msg);
    }
    if (n == 0)
        return ERR_NONE;
    t->lexicon = mem_array((size_t)1 << LEX_BITS, sizeof *t->lexicon);
    return pii_words_lexicon(&t->lists, t->lexicon, LEX_BITS, reterr);
}

static void print_sample(const Train *t, size_t n)
{
    CLEANUP(buf_done) Buf out = BUF(1u << 20);
    Jw w = jw(&out);
    jw_obj(&w);
    jw_kv_str(&w, "text", buf_str(&t->text));
    jw_key(&w, "spans");
    jw_arr(&w);
    pii_codepoints(buf_str(&t->text), t->spans, n);
    for (size_t i = 0; i < n; i++) {
        jw_obj(&w);
        jw_kv_cstr(&w, "type", pii_type_name(t->spans[i].type));
        jw_kv_i64(&w, "start", t->spans[i].start);
        jw_kv_i64(&w, "end", t->spans[i].end);
        jw_end(&w);
    }
    jw_end(&w);
    jw_end(&w);
    puts(buf_cstr(&out));
}

static ErrKind generate(const CliCall *call, Train *t, bool show, Err *reterr)
{
    int64_t n = cli_int(call, "generate", 0);
    if (n == 0)
        return ERR_NONE;
    if (!t->lexicon)
        return err_set(reterr, ERR_USAGE, "--generate needs the word lists of --words");
    TRY(pii_generator_new(&t->lists, (uint64_t)cli_int(call, "seed", 1), &t->generator, reterr));
    for (int64_t i = 0; i < n; i++) {
        size_t spans = pii_generate(t->generator, &t->text, t->spans);
        if (show)
            print_sample(t, spans);
        else
            TRY(pii_trainer_add(t->trainer, buf_str(&t->text), t->spans, spans, reterr));
    }
    return ERR_NONE;
}

static void progress(void *ctx, uint32_t epoch, uint32_t epochs, size_t wrong, size_t tokens)
{
    (void)ctx;
    fprintf(stderr, "epoch %u of %u: %zu of %zu tokens wrong (%.2f %%)\n", epoch, epochs, wrong, tokens,
            tokens ? 100.0 * (double)wrong / (double)tokens : 0.0);
}

static ErrKind train(const CliCall *call, Train *t, Err *reterr)
{
    bool show = cli_flag(call, "show");
    const char *out = cli_text(call, "out", NULL);
    PiiTrainOptions o = PII_TRAIN_DEFAULT;
    o.parts = (uint32_t)cli_int(call, "parts", o.parts);
    o.epochs = (uint32_t)cli_int(call, "epochs", o.epochs);
    o.row_bits = (uint32_t)cli_int(call, "row-bits", o.row_bits);
    o.seed = (uint64_t)cli_int(call, "seed", (int64_t)o.seed);
    o.caution = (int32_t)cli_int(call, "caution", o.caution);
    if (!show && !out)
        return err_set(reterr, ERR_USAGE, "--out FILE is missing");
    TRY(read_words(call, t, reterr));
    TRY(pii_trainer_new(t->lexicon, LEX_BITS, &t->trainer, reterr));
    TRY(generate(call, t, show, reterr));
    if (show)
        return ERR_NONE;
    for (int i = 0; i < call->n_args; i++)
        TRY(add_file(t, call->args[i], reterr));
    TRY(pii_trainer_run(t->trainer, &o, progress, NULL, &t->model, reterr));
    return file_write(out, buf_str(&t->model), 0644, reterr);
}

static ErrKind run(const CliCall *call, Err *reterr)
{
    Train t = {.text = BUF(1u << 20), .model = BUF(CMD_PII_MODEL_MAX)};
    t.spans = mem_array(SPANS_MAX, sizeof *t.spans);
    ErrKind kind = train(call, &t, reterr);
    for (size_t i = 0; i < ARRAY_LEN(t.words); i++)
        buf_done(&t.words[i]);
    pii_words_done(&t.lists);
    pii_generator_free(t.generator);
    pii_trainer_free(t.trainer);
    mem_free(t.lexicon);
    mem_free(t.spans);
    buf_done(&t.text);
    buf_done(&t.model);
    return kind;
}

const CliCmd CMD_PII_TRAIN = {
    .name = "train",
    .help = "Train the tagger of names, places, organisations and addresses from labelled text",
    .details = "Each line of FILE is an object {\"text\": ..., \"spans\": [{\"type\", \"start\", \"end\"}]}; "
               "start and end "
               "count code points, end is exclusive. PERSON, STREET_ADDRESS, LOCATION, ORGANIZATION, AGE and "
               "NRP are "
               "learned, other types are passed over. The words that the built-in model knows are kept, "
               "unless --words "
               "gives others. The same input gives the same model.\n\nThe built-in model is trained by "
               "--words with the "
               "project's word lists and --generate, without FILE.",
    .args = "[FILE...]",
    .max_args = CLI_ARGS_MAX,
    .options =
        (const CliOption[]){
            {"out", CLI_TEXT, "FILE", "Where the model is written"},
            {"words", CLI_LIST, "FILE", "Word lists to make the lexicon from; may be repeated"},
            {"generate", CLI_INT, "N", "Add N sentences made from templates and --words", false, 1,
             GENERATE_MAX},
            {"seed", CLI_INT, "N", "Seed of the sentences and of their order (default: 1)", false, 0,
             INT32_MAX},
            {"parts", CLI_INT, "N", "Cut the text into N parts, train each and average (default: 1)", false,
             1, PII_TRAIN_PARTS_MAX},
            {"epochs", CLI_INT, "N", "Passes over the text (default: 6)", false, 1, 100},
            {"row-bits", CLI_INT, "N", "2^N rows of weights, 16 bytes each (default: 17)", false, 8, 20},
            {"caution", CLI_INT, "N", "Find a person only with this much of a lead (default: 0)", false, 0,
             PII_TRAIN_CAUTION_MAX},
            {"show", CLI_FLAG, NULL, "Print the sentences of --generate instead of training"},
            {0},
        },
    .run = run,
    .no_conf = true,
};
