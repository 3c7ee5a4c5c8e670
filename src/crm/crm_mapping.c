#include "crm/crm_mapping.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/strmap.h"
#include "base/yaml.h"

#include <stdio.h>

#define TEXT_MAX (1u << 20)
#define ARENA_MAX (8u << 20)
#define WORD_MAX 200

const char *const CRM_WORDS[CRM_VOCABULARIES][12] = {
    [CRM_STATUSES] = {"open", "won", "lost"},
    [CRM_KINDS] = {"call", "text", "email", "appointment", "showing", "offer", "closing", "task", "note",
                   "training"},
    [CRM_DIRECTIONS] = {"in", "out"},
    [CRM_OUTCOMES] = {"connected", "no_answer", "held", "no_show", "cancelled", "accepted", "rejected",
                      "done"},
};
static const char *const VOCABULARY_KEYS[CRM_VOCABULARIES] = {"statuses", "kinds", "directions", "outcomes"};
static const char *const KIND_NAMES[] = {"opportunities", "activities"};

static const struct {
    const char *key;
    char rule[2]; /* by CrmKind */
} FIELDS[CRM_FIELD_COUNT] = {
#define X(name, key, opp, act) {key, {opp, act}},
    CRM_FIELDS(X)
#undef X
};

static const struct {
    const char *key;
    bool must;
} TEAM_FIELDS[CRM_TEAM_FIELD_COUNT] = {
#define X(name, key, must) {key, must},
    CRM_TEAM_FIELDS(X)
#undef X
};

struct CrmMappingPrivate {
    Arena *arena;
    StrMap *words[CRM_VOCABULARIES]; /* lower case */
    int any_other;                   /* status of words that no list has ("*"); -1: none */
};

/* What is being read: for messages. */
typedef struct Reader {
    CrmMapping *m;
    const char *name;
    Err *err;
} Reader;

static ErrKind bad(const Reader *r, const YamlNode *n, const char *fmt, ...) PRINTF_LIKE(3, 4);
static ErrKind bad(const Reader *r, const YamlNode *n, const char *fmt, ...)
{
    char what[ERR_MSG_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    return err_set(r->err, ERR_INVALID, "%s:%d:%d: %s", r->name, n->line, n->column, what);
}

static ErrKind need_kind(const Reader *r, const YamlNode *n, YamlKind kind, const char *what)
{
    return n->kind == kind ? ERR_NONE : bad(r, n, "\"" STR_FMT "\" must be %s", STR_ARG(n->key), what);
}

/* Lower case, without blanks at the ends. false: too long to be any word. */
static bool fold(Str s, char out[static WORD_MAX], Str *ret)
{
    s = str_trim(s);
    if (s.len > WORD_MAX)
        return false;
    for (size_t i = 0; i < s.len; i++)
        out[i] = (char)(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? s.ptr[i] | 32 : s.ptr[i]);
    *ret = (Str){out, s.len};
    return true;
}

/* ---- the parts of the file
 * -------------------------------------------------------------------------------------- */

static ErrKind read_names(const Reader *r, const YamlNode *n, CrmColumn *ret)
{
    if (n->kind == YAML_KIND_MAP)
        return bad(r, n, "\"" STR_FMT "\" must be a column's name or a list of names", STR_ARG(n->key));
    for (const YamlNode *c = n->kind == YAML_KIND_LIST ? n->first : n; c; c = c->next) {
        if (c->kind != YAML_KIND_SCALAR || str_trim(c->scalar).len == 0)
            return bad(r, c, "a column's name must be a text that is not empty");
        if (ret->n_names == CRM_COLUMN_NAMES_MAX)
            return bad(r, c, "more than %d names for one field", CRM_COLUMN_NAMES_MAX);
        ret->names[ret->n_names++] = str_trim(c->scalar);
        if (n->kind == YAML_KIND_SCALAR)
            break;
    }
    return ret->n_names ? ERR_NONE : bad(r, n, "\"" STR_FMT "\" names no column", STR_ARG(n->key));
}

static int field_by_key(const CrmMapping *m, Str key)
{
    for (int f = 0; f < CRM_FIELD_COUNT; f++)
        if (str_eq_c(key, FIELDS[f].key) && FIELDS[f].rule[m->kind] != '-')
            return f;
    return -1;
}

static ErrKind read_columns(const Reader *r, const YamlNode *map)
{
    TRY(need_kind(r, map, YAML_KIND_MAP, "a map from field to column"));
    for (const YamlNode *n = map->first; n; n = n->next) {
        int f = field_by_key(r->m, n->key);
        if (f < 0)
            return bad(r, n, "unknown field \"" STR_FMT "\" for %s", STR_ARG(n->key), KIND_NAMES[r->m->kind]);
        TRY(read_names(r, n, &r->m->columns[f]));
    }
    return ERR_NONE;
}

static ErrKind read_constants(const Reader *r, const YamlNode *map)
{
    TRY(need_kind(r, map, YAML_KIND_MAP, "a map from field to value"));
    for (const YamlNode *n = map->first; n; n = n->next) {
        int f = field_by_key(r->m, n->key);
        if (f < 0 || f == CRM_ID)
            return bad(r, n, "no constant can be given for \"" STR_FMT "\"", STR_ARG(n->key));
        TRY(need_kind(r, n, YAML_KIND_SCALAR, "a text"));
        r->m->constants[f] = str_trim(n->scalar);
    }
    return ERR_NONE;
}

static ErrKind read_teams(const Reader *r, const YamlNode *map)
{
    TRY(need_kind(r, map, YAML_KIND_MAP, "a map from field to column"));
    for (const YamlNode *n = map->first; n; n = n->next) {
        int f = 0;
        while (f < CRM_TEAM_FIELD_COUNT && !str_eq_c(n->key, TEAM_FIELDS[f].key))
            f++;
        if (f == CRM_TEAM_FIELD_COUNT)
            return bad(r, n, "unknown field \"" STR_FMT "\" of the teams file", STR_ARG(n->key));
        TRY(read_names(r, n, &r->m->team_columns[f]));
    }
    for (int f = 0; f < CRM_TEAM_FIELD_COUNT; f++)
        if (TEAM_FIELDS[f].must && r->m->team_columns[f].n_names == 0)
            return bad(r, map, "\"teams\" lacks \"%s\"", TEAM_FIELDS[f].key);
    return ERR_NONE;
}

static ErrKind add_word(const Reader *r, CrmVocabulary v, uint32_t meaning, const YamlNode *n)
{
    char room[WORD_MAX];
    Str word;
    if (n->kind != YAML_KIND_SCALAR || !fold(n->scalar, room, &word))
        return bad(r, n, "a word must be a text of at most %d bytes", WORD_MAX);
    if (v == CRM_STATUSES && str_eq_c(word, "*")) {
        r->m->private_->any_other = (int)meaning;
        return ERR_NONE;
    }
    if (!strmap_add(r->m->private_->words[v], word, meaning))
        return bad(r, n, "the word \"" STR_FMT "\" stands twice", STR_ARG(n->scalar));
    return ERR_NONE;
}

static ErrKind read_words(const Reader *r, CrmVocabulary v, const YamlNode *map)
{
    TRY(need_kind(r, map, YAML_KIND_MAP, "a map from our word to the CRM's words"));
    for (const YamlNode *n = map->first; n; n = n->next) {
        uint32_t w = 0;
        while (CRM_WORDS[v][w] && !str_eq_c(n->key, CRM_WORDS[v][w]))
            w++;
        if (!CRM_WORDS[v][w])
            return bad(r, n, "\"" STR_FMT "\" is none of our %s", STR_ARG(n->key), VOCABULARY_KEYS[v]);
        if (n->kind == YAML_KIND_MAP)
            return bad(r, n, "\"" STR_FMT "\" must be a word or a list of words", STR_ARG(n->key));
        if (n->kind == YAML_KIND_SCALAR)
            TRY(add_word(r, v, w, n));
        for (const YamlNode *c = n->kind == YAML_KIND_LIST ? n->first : NULL; c; c = c->next)
            TRY(add_word(r, v, w, c));
    }
    return ERR_NONE;
}

static ErrKind add_date_format(const Reader *r, const YamlNode *n)
{
    const char *why = "";
    if (n->kind != YAML_KIND_SCALAR)
        return bad(r, n, "a date format must be a text");
    if (!crm_date_format_ok(n->scalar, &why))
        return bad(r, n, "%s", why);
    if (r->m->n_date_formats == CRM_DATE_FORMATS_MAX)
        return bad(r, n, "more than %d date formats", CRM_DATE_FORMATS_MAX);
    r->m->date_formats[r->m->n_date_formats++] = n->scalar;
    return ERR_NONE;
}

static ErrKind read_dates(const Reader *r, const YamlNode *n)
{
    if (n->kind == YAML_KIND_SCALAR)
        return add_date_format(r, n);
    TRY(need_kind(r, n, YAML_KIND_LIST, "a date format or a list of them"));
    for (const YamlNode *c = n->first; c; c = c->next)
        TRY(add_date_format(r, c));
    return ERR_NONE;
}

/* The position of the scalar among the choices. */
static ErrKind choose(const Reader *r, const YamlNode *n, const char *const *choices, const char *list,
                      int *ret)
{
    for (*ret = 0; choices[*ret]; (*ret)++)
        if (n->kind == YAML_KIND_SCALAR && str_eq_c(n->scalar, choices[*ret]))
            return ERR_NONE;
    return bad(r, n, "\"" STR_FMT "\" must be one of %s", STR_ARG(n->key), list);
}

static ErrKind read_encoding(const Reader *r, const YamlNode *n)
{
    static const char *const NAMES[] = {"auto",    "utf-8",      "utf-16", "windows-1252",
                                        "latin-1", "iso-8859-1", NULL};
    static const CrmEncoding VALUES[] = {CRM_ENCODING_AUTO,         CRM_ENCODING_UTF8,
                                         CRM_ENCODING_AUTO,         CRM_ENCODING_WINDOWS_1252,
                                         CRM_ENCODING_WINDOWS_1252, CRM_ENCODING_WINDOWS_1252};
    int i;
    TRY(choose(r, n, NAMES, "auto, utf-8, utf-16, windows-1252, latin-1, iso-8859-1", &i));
    r->m->encoding = VALUES[i];
    return ERR_NONE;
}

static ErrKind read_delimiter(const Reader *r, const YamlNode *n)
{
    static const char *const NAMES[] = {"auto", "comma", ",",    "semicolon", ";",
                                        "tab",  "\t",    "pipe", "|",         NULL};
    static const char VALUES[] = {0, ',', ',', ';', ';', '\t', '\t', '|', '|'};
    int i;
    TRY(choose(r, n, NAMES, "auto, comma, semicolon, tab, pipe", &i));
    r->m->delimiter = VALUES[i];
    return ERR_NONE;
}

static ErrKind read_timezone(const Reader *r, const YamlNode *n)
{
    Str s = n->scalar;
    bool ok = n->kind == YAML_KIND_SCALAR && s.len > 0 && s.len < 64;
    for (size_t i = 0; ok && i < s.len; i++) {
        char c = s.ptr[i];
        ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("/_+-", c);
    }
    if (!ok)
        return bad(r, n, "\"timezone\" must be a name like America/Los_Angeles");
    r->m->timezone = arena_strndup(r->m->private_->arena, s.ptr, s.len);
    return ERR_NONE;
}

static ErrKind read_kind(const Reader *r, const YamlNode *root)
{
    static const char *const NAMES[] = {"opportunities", "activities", NULL};
    const YamlNode *n = yaml_get(root, "kind");
    int i;
    if (!n)
        return bad(r, root, "\"kind\" is missing: opportunities or activities");
    TRY(choose(r, n, NAMES, "opportunities, activities", &i));
    r->m->kind = (CrmKind)i;
    return ERR_NONE;
}

static ErrKind read_scalar(const Reader *r, const YamlNode *n, Str *ret)
{
    TRY(need_kind(r, n, YAML_KIND_SCALAR, "a text"));
    *ret = str_trim(n->scalar);
    return ret->len && ret->len <= WORD_MAX
               ? ERR_NONE
               : bad(r, n, "\"" STR_FMT "\" must have 1 to %d bytes", STR_ARG(n->key), WORD_MAX);
}

static ErrKind read_key(const Reader *r, const YamlNode *n)
{
    static const char *const DECIMALS[] = {".", ",", NULL};
    static const char *const DURATIONS[] = {"seconds", "minutes", NULL};
    int i;
    if (str_eq_c(n->key, "kind"))
        return ERR_NONE; /* read first */
    if (str_eq_c(n->key, "encoding"))
        return read_encoding(r, n);
    if (str_eq_c(n->key, "delimiter"))
        return read_delimiter(r, n);
    if (str_eq_c(n->key, "dates"))
        return read_dates(r, n);
    if (str_eq_c(n->key, "timezone"))
        return read_timezone(r, n);
    if (str_eq_c(n->key, "columns"))
        return read_columns(r, n);
    if (str_eq_c(n->key, "constants"))
        return read_constants(r, n);
    if (str_eq_c(n->key, "teams"))
        return read_teams(r, n);
    if (str_eq_c(n->key, "default_office"))
        return read_scalar(r, n, &r->m->default_office);
    if (str_eq_c(n->key, "decimal")) {
        TRY(choose(r, n, DECIMALS, "\".\", \",\"", &i));
        r->m->decimal = i == 0 ? '.' : ',';
        return ERR_NONE;
    }
    if (str_eq_c(n->key, "durations")) {
        TRY(choose(r, n, DURATIONS, "seconds, minutes", &i));
        r->m->duration = (CrmDurationUnit)i;
        return ERR_NONE;
    }
    for (int v = 0; v < CRM_VOCABULARIES; v++)
        if (str_eq_c(n->key, VOCABULARY_KEYS[v]) && (v == CRM_STATUSES) == (r->m->kind == CRM_OPPORTUNITIES))
            return read_words(r, (CrmVocabulary)v, n);
    return bad(r, n, "unknown key \"" STR_FMT "\" in a mapping for %s", STR_ARG(n->key),
               KIND_NAMES[r->m->kind]);
}

/* Our own words need no mapping; a list that gives one of them another meaning wins. */
static void add_own_words(CrmMapping *m)
{
    for (int v = 0; v < CRM_VOCABULARIES; v++)
        for (uint32_t w = 0; CRM_WORDS[v][w]; w++)
            (void)strmap_add(m->private_->words[v], str_from(CRM_WORDS[v][w]), w);
}

static ErrKind check_whole(const Reader *r, const YamlNode *root)
{
    for (int f = 0; f < CRM_FIELD_COUNT; f++)
        if (FIELDS[f].rule[r->m->kind] == 'r' && r->m->columns[f].n_names == 0 && !r->m->constants[f].ptr)
            return bad(r, root, "\"columns\" lacks \"%s\"", FIELDS[f].key);
    if (r->m->n_date_formats == 0)
        r->m->date_formats[r->m->n_date_formats++] = STR("iso");
    return ERR_NONE;
}

ErrKind crm_mapping_parse(Str yaml, const char *name, CrmMapping **ret, Err *reterr)
{
    CLEANUP(crm_mapping_freep) CrmMapping *m = MEM_NEW(CrmMapping);
    m->private_ = MEM_NEW(struct CrmMappingPrivate);
    m->private_->arena = arena_new(ARENA_MAX);
    m->private_->any_other = -1;
    for (int v = 0; v < CRM_VOCABULARIES; v++)
        m->private_->words[v] = strmap_new();
    m->decimal = '.';
    m->timezone = "UTC";
    m->sha256 = crypto_sha256(yaml);
    m->name = arena_strdup(m->private_->arena, name);
    YamlNode *root = NULL;
    Reader r = {m, name, reterr};
    TRY(yaml_parse(m->private_->arena, yaml, name, &root, reterr));
    if (root->kind != YAML_KIND_MAP)
        return bad(&r, root, "a mapping must be a YAML map");
    TRY(read_kind(&r, root));
    for (const YamlNode *n = root->first; n; n = n->next)
        TRY(read_key(&r, n));
    add_own_words(m);
    TRY(check_whole(&r, root));
    TRY(arena_check(m->private_->arena, reterr));
    *ret = m;
    m = NULL;
    return ERR_NONE;
}

void crm_mapping_free(CrmMapping *m)
{
    if (!m)
        return;
    for (int v = 0; v < CRM_VOCABULARIES; v++)
        strmap_free(m->private_->words[v]);
    arena_free(m->private_->arena);
    mem_free(m->private_);
    mem_free(m);
}

ErrKind crm_mapping_load(const char *path_or_name, CrmMapping **ret, Err *reterr)
{
    for (const CrmBuiltin *b = CRM_BUILTINS; b->name; b++)
        if (strcmp(b->name, path_or_name) == 0 && !file_exists(path_or_name))
            return crm_mapping_parse(str_from(b->yaml), b->name, ret, reterr);
    CLEANUP(buf_done) Buf text = BUF(TEXT_MAX);
    ErrKind kind = file_read(path_or_name, &text, reterr);
    if (kind != ERR_NONE)
        return err_wrap(reterr, kind, "mapping");
    return crm_mapping_parse(buf_str(&text), path_or_name, ret, reterr);
}

/* ---- headers
 * ---------------------------------------------------------------------------------------------------- */

/* -1: absent, -2: stands twice. */
static int find_column(const CrmCsvRecord *header, Str name)
{
    int found = -1;
    for (int i = 0; i < header->n_fields; i++)
        if (str_eq_nocase(str_trim(header->fields[i]), name)) {
            if (found >= 0)
                return -2;
            found = i;
        }
    return found;
}

static ErrKind bind_one(const CrmColumn *c, const CrmCsvRecord *header, int *ret, Err *reterr)
{
    *ret = -1;
    for (int i = 0; i < c->n_names && *ret < 0; i++) {
        *ret = find_column(header, c->names[i]);
        if (*ret == -2)
            return err_set(reterr, ERR_INVALID, "column \"" STR_FMT "\" stands twice in the header",
                           STR_ARG(c->names[i]));
    }
    return ERR_NONE;
}

static ErrKind missing(const char *mapping, const char *field, const CrmColumn *c, const CrmCsvRecord *header,
                       Err *reterr)
{
    CLEANUP(buf_done) Buf has = BUF(200);
    for (int i = 0; i < header->n_fields; i++) {
        buf_add_c(&has, i ? ", " : "");
        buf_add_str(&has, str_trim(header->fields[i]));
    }
    return err_set(reterr, ERR_INVALID,
                   "mapping %s: the header lacks column \"" STR_FMT "\" (for \"%s\"); it has: %s%s", mapping,
                   STR_ARG(c->names[0]), field, buf_cstr(&has), has.failed ? ", ..." : "");
}

static ErrKind check_header(const CrmCsvRecord *header, Err *reterr)
{
    if (header->fault != CRM_CSV_NONE)
        return err_set(reterr, ERR_INVALID, "header: line %lld, column %lld: %s",
                       (long long)header->fault_line, (long long)header->fault_column,
                       crm_csv_fault_text(header->fault));
    return ERR_NONE;
}

ErrKind crm_mapping_bind(const CrmMapping *m, const CrmCsvRecord *header, CrmBinding *ret, Err *reterr)
{
    TRY(check_header(header, reterr));
    *ret = (CrmBinding){.n_columns = header->n_fields};
    for (int f = 0; f < CRM_FIELD_COUNT; f++) {
        TRY(bind_one(&m->columns[f], header, &ret->column[f], reterr));
        ret->n_bound += ret->column[f] >= 0;
        if (ret->column[f] < 0 && FIELDS[f].rule[m->kind] == 'r' && !m->constants[f].ptr)
            return missing(m->name, FIELDS[f].key, &m->columns[f], header, reterr);
    }
    return ERR_NONE;
}

ErrKind crm_mapping_bind_teams(const CrmMapping *m, const CrmCsvRecord *header, CrmTeamBinding *ret,
                               Err *reterr)
{
    TRY(check_header(header, reterr));
    *ret = (CrmTeamBinding){.n_columns = header->n_fields};
    if (m->team_columns[CRM_TEAM_AGENT].n_names == 0)
        return err_set(reterr, ERR_INVALID, "mapping %s has no \"teams\", so --teams cannot be read",
                       m->name);
    for (int f = 0; f < CRM_TEAM_FIELD_COUNT; f++) {
        TRY(bind_one(&m->team_columns[f], header, &ret->column[f], reterr));
        if (ret->column[f] < 0 && TEAM_FIELDS[f].must)
            return missing(m->name, TEAM_FIELDS[f].key, &m->team_columns[f], header, reterr);
    }
    return ERR_NONE;
}

ErrKind crm_mapping_choose(CrmKind kind, const CrmCsvRecord *header, CrmMapping **ret, Err *reterr)
{
    CLEANUP(buf_done) Buf why = BUF(ERR_MSG_MAX);
    CrmMapping *best = NULL;
    int best_bound = 0;
    TRY(check_header(header, reterr));
    for (const CrmBuiltin *b = CRM_BUILTINS; b->name; b++) {
        CLEANUP(crm_mapping_freep) CrmMapping *m = NULL;
        CrmBinding binding;
        Err err = {0};
        ErrKind parsed = crm_mapping_parse(str_from(b->yaml), b->name, &m, reterr);
        if (parsed != ERR_NONE) {
            crm_mapping_free(best);
            return parsed;
        }
        if (m->kind != kind)
            continue;
        if (crm_mapping_bind(m, header, &binding, &err) != ERR_NONE) {
            const char *cut = strstr(err.msg, "; it has");
            buf_addf(&why, "; %.*s", cut ? (int)(cut - err.msg) : (int)strlen(err.msg), err.msg);
        } else if (binding.n_bound > best_bound) {
            crm_mapping_free(best);
            best = m;
            m = NULL;
            best_bound = binding.n_bound;
        }
    }
    *ret = best;
    return best
               ? ERR_NONE
               : err_set(reterr, ERR_INVALID,
                         "no compiled-in mapping fits the header, name one with --mapping%s", buf_cstr(&why));
}

/* ---- values
 * ----------------------------------------------------------------------------------------------------- */

int crm_mapping_word(const CrmMapping *m, CrmVocabulary v, Str word)
{
    char room[WORD_MAX];
    Str folded;
    uint32_t w;
    if (!fold(word, room, &folded))
        return -1;
    if (strmap_get(m->private_->words[v], folded, &w))
        return (int)w;
    return v == CRM_STATUSES && folded.len ? m->private_->any_other : -1;
}

bool crm_mapping_time(const CrmMapping *m, Str text, CrmTime *ret, const char **ret_why)
{
    const char *first_why = NULL;
    for (int i = 0; i < m->n_date_formats; i++) {
        if (crm_value_time(text, m->date_formats[i], ret, ret_why))
            return true;
        /* "no such day" of a format that fits says more than "not in the format" of the last one */
        if (!first_why || !strncmp(first_why, "not ", 4))
            first_why = *ret_why;
    }
    *ret_why = first_why;
    return false;
}

const char *crm_kind_name(CrmKind kind)
{
    return KIND_NAMES[kind];
}
