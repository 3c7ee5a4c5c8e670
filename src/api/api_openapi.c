/* api_openapi.c - see api_openapi.h. Operations of one path stand together, as the format wants; rows of the table that
 * share a pattern need not be neighbours. */
#include "api/api_openapi.h"

#include "api/api_shape.h"
#include "api/api_table.h"

#include <stdio.h>

static void write_roles(Jw *w, unsigned roles)
{
    static const struct {
        ApiRole role;
        const char *name;
    } ROLES[] = {{API_ADMIN, "admin"},
                 {API_MANAGER, "manager"},
                 {API_COACH, "coach"},
                 {API_AGENT, "agent"},
                 {API_AUDITOR, "auditor"}};
    jw_key(w, "x-roles");
    jw_arr(w);
    for (size_t i = 0; i < ARRAY_LEN(ROLES); i++)
        if (roles & ROLES[i].role)
            jw_cstr(w, ROLES[i].name);
    jw_end(w);
}

static void write_ref(Jw *w, const char *name)
{
    char ref[128];
    int n = snprintf(ref, sizeof(ref), "#/components/schemas/%s", name);
    BUG_ON(n < 0 || (size_t)n >= sizeof(ref));
    jw_key(w, "schema");
    jw_obj(w);
    jw_kv_cstr(w, "$ref", ref);
    jw_end(w);
}

static void write_content(Jw *w, const char *media, const char *schema)
{
    jw_key(w, "content");
    jw_obj(w);
    jw_key(w, media);
    jw_obj(w);
    if (schema)
        write_ref(w, schema);
    jw_end(w);
    jw_end(w);
}

static void write_path_parameters(Jw *w, const char *pattern)
{
    Str rest = str_from(pattern);
    ptrdiff_t open;
    while ((open = str_find(rest, STR("{"))) >= 0) {
        ptrdiff_t close = str_find(rest, STR("}"));
        BUG_ON(close < open);
        Str name = str_slice(rest, (size_t)open + 1, (size_t)close);
        jw_obj(w);
        jw_kv_str(w, "name", name);
        jw_kv_cstr(w, "in", "path");
        jw_kv_bool(w, "required", true);
        jw_key(w, "schema");
        jw_obj(w);
        jw_kv_cstr(w, "type", "string");
        if (str_eq_c(name, "id"))
            jw_kv_cstr(w, "format", "uuid");
        jw_end(w);
        jw_end(w);
        rest = str_slice(rest, (size_t)close + 1, rest.len);
    }
}

static void write_parameters(Jw *w, const ApiRoute *r)
{
    jw_key(w, "parameters");
    jw_arr(w);
    write_path_parameters(w, r->pattern);
    api_shape_parameters(r->query, w);
    if (r->flags & API_IDEMPOTENT) {
        jw_obj(w);
        jw_kv_cstr(w, "name", "Idempotency-Key");
        jw_kv_cstr(w, "in", "header");
        jw_kv_bool(w, "required", false);
        jw_key(w, "schema");
        jw_raw(w, STR("{\"type\":\"string\",\"minLength\":1,\"maxLength\":128}"));
        jw_end(w);
    }
    jw_end(w);
}

static void write_answers(Jw *w, const ApiRoute *r)
{
    char status[8];
    (void)snprintf(status, sizeof(status), "%d", r->status);
    jw_key(w, "responses");
    jw_obj(w);
    jw_key(w, status);
    jw_obj(w);
    jw_kv_cstr(w, "description", "Success");
    if (r->response || r->media)
        write_content(w, r->media ? r->media : "application/json", r->response);
    jw_end(w);
    jw_key(w, "default");
    jw_obj(w);
    jw_kv_cstr(w, "description", "Failure");
    write_content(w, "application/problem+json", "Problem");
    jw_end(w);
    jw_end(w);
}

static void write_operation(Jw *w, const ApiRoute *r)
{
    char method[8] = {0};
    for (size_t i = 0; r->method[i] && i < sizeof(method) - 1; i++)
        method[i] = (char)(r->method[i] - 'A' + 'a');
    jw_key(w, method);
    jw_obj(w);
    jw_kv_cstr(w, "summary", r->summary);
    write_roles(w, r->roles);
    jw_key(w, "security");
    jw_raw(w, r->flags & API_PUBLIC ? STR("[]") : STR("[{\"session\":[]},{\"token\":[]}]"));
    write_parameters(w, r);
    if (r->request) {
        jw_key(w, "requestBody");
        jw_obj(w);
        jw_kv_bool(w, "required", true);
        write_content(w, "application/json", r->request);
        jw_end(w);
    }
    write_answers(w, r);
    jw_end(w);
}

/* The row is the first of its pattern. */
static bool first_of_path(int i)
{
    for (int j = 0; j < i; j++)
        if (strcmp(API_ROUTES[j].pattern, API_ROUTES[i].pattern) == 0)
            return false;
    return true;
}

static void write_paths(Jw *w)
{
    jw_key(w, "paths");
    jw_obj(w);
    for (int i = 0; i < API_ROUTES_LEN; i++) {
        if (!first_of_path(i))
            continue;
        jw_key(w, API_ROUTES[i].pattern);
        jw_obj(w);
        for (int j = i; j < API_ROUTES_LEN; j++)
            if (strcmp(API_ROUTES[j].pattern, API_ROUTES[i].pattern) == 0)
                write_operation(w, &API_ROUTES[j]);
        jw_end(w);
    }
    jw_end(w);
}

void api_openapi_write(Buf *out)
{
    Jw w = jw(out);
    jw_obj(&w);
    jw_kv_cstr(&w, "openapi", "3.1.0");
    jw_key(&w, "info");
    jw_obj(&w);
    jw_kv_cstr(&w, "title", "EnterpriseHub");
    jw_kv_cstr(&w, "version", EHUB_VERSION);
    jw_kv_cstr(&w, "description",
               "Times are RFC 3339 in UTC, dates YYYY-MM-DD, money integer cents, probabilities 0..1. What "
               "is out of the "
               "caller's scope answers 404. Console requests that change something carry X-CSRF-Token.");
    jw_end(&w);
    write_paths(&w);
    jw_key(&w, "components");
    jw_obj(&w);
    jw_key(&w, "securitySchemes");
    jw_raw(&w, STR("{\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"ehub_session\"},"
                   "\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}}"));
    jw_key(&w, "schemas");
    jw_obj(&w);
    for (int i = 0; i < API_SHAPES_LEN; i++) {
        jw_key(&w, API_SHAPES[i].name);
        api_shape_schema(API_SHAPES[i].shape, &w);
    }
    jw_end(&w);
    jw_end(&w);
    jw_end(&w);
}

/* ---- docs/reference/api.md ---- */

/* A "|" would end the cell. */
static void add_cell(Buf *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '|')
            buf_add_char(out, '\\');
        buf_add_char(out, *p);
    }
}

static void add_roles(Buf *out, const ApiRoute *r)
{
    static const char *const NAMES[] = {"admin", "manager", "coach", "agent", "auditor"};
    if (r->flags & API_PUBLIC) {
        buf_add_c(out, "public");
        return;
    }
    if (r->roles == API_EVERYBODY) {
        buf_add_c(out, "all");
        return;
    }
    const char *between = "";
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++)
        if (r->roles & (1u << i)) {
            buf_addf(out, "%s%s", between, NAMES[i]);
            between = " ";
        }
}

void api_openapi_docs(Buf *out)
{
    buf_add_c(
        out, "# HTTP API\n\nGenerated by `ehub docs api` from the route table; the same as OpenAPI 3.1: `GET "
             "/v1/openapi.json`.\n\n"
             "- Times are RFC 3339 in UTC, dates YYYY-MM-DD, money integer cents, probabilities 0..1.\n"
             "- Console: cookie `ehub_session` and, for changes, the header `X-CSRF-Token`. Programs: "
             "`Authorization: "
             "Bearer ehub_...`.\n"
             "- Lists: `{\"items\": [...], \"next\": cursor or null}`. Failures: `application/problem+json` "
             "(RFC 9457).\n"
             "- What is out of the caller's scope answers 404. Routes marked * take `Idempotency-Key`: the "
             "same key with "
             "the same body is done once; with another body 422, while the first runs, or when "
             "it is not known whether it was carried out, 409.\n"
             "- A shape: `name:type`, `?` may be absent, `|null` may be null, `[T]` a list of T.\n\n"
             "| route | roles | body | answer | what |\n|---|---|---|---|---|\n");
    for (int i = 0; i < API_ROUTES_LEN; i++) {
        const ApiRoute *r = &API_ROUTES[i];
        buf_addf(out, "| `%s %s`%s | ", r->method, r->pattern, r->flags & API_IDEMPOTENT ? " *" : "");
        add_roles(out, r);
        buf_addf(out, " | %s | %d %s | ", r->request ? r->request : "", r->status,
                 r->response ? r->response
                 : r->media  ? r->media
                             : "");
        add_cell(out, r->summary);
        if (r->query) {
            buf_add_c(out, "; query: `");
            add_cell(out, r->query);
            buf_add_char(out, '`');
        }
        buf_add_c(out, " |\n");
    }
    buf_add_c(out, "\n## Shapes\n\n| name | members |\n|---|---|\n");
    for (int i = 0; i < API_SHAPES_LEN; i++) {
        buf_addf(out, "| %s | `", API_SHAPES[i].name);
        add_cell(out, API_SHAPES[i].shape);
        buf_add_c(out, "` |\n");
    }
}
