#include "harness/t.h"

#include "api/api_openapi.h"
#include "api/api_table.h"
#include "base/jv.h"

TEST(every_row_is_complete_and_denies_by_default)
{
    for (int i = 0; i < API_ROUTES_LEN; i++) {
        const ApiRoute *r = &API_ROUTES[i];
        bool public = (r->flags & API_PUBLIC) != 0;
        if (public != (r->roles == 0) || !r->handler || !r->summary || r->status < 200 || r->status > 299)
            fail_msg("%s %s", r->method, r->pattern);
        if (r->request && !api_shape_named(str_from(r->request)))
            fail_msg("%s %s: no shape %s", r->method, r->pattern, r->request);
        if (r->response && !api_shape_named(str_from(r->response)))
            fail_msg("%s %s: no shape %s", r->method, r->pattern, r->response);
        if ((r->status == 204) != (!r->response && !r->media))
            fail_msg("%s %s: an answer with 204 and a body, or without both", r->method, r->pattern);
    }
}

TEST(the_auditor_changes_nothing_but_the_own_tokens_and_session)
{
    for (int i = 0; i < API_ROUTES_LEN; i++) {
        const ApiRoute *r = &API_ROUTES[i];
        bool own =
            str_starts(str_from(r->pattern), STR("/v1/tokens")) || strcmp(r->pattern, "/v1/logout") == 0;
        if (strcmp(r->method, "GET") != 0 && !own && (r->roles & API_AUDITOR))
            fail_msg("%s %s", r->method, r->pattern);
    }
}

TEST(no_two_rows_are_the_same_route)
{
    for (int i = 0; i < API_ROUTES_LEN; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(API_ROUTES[i].method, API_ROUTES[j].method) == 0 &&
                strcmp(API_ROUTES[i].pattern, API_ROUTES[j].pattern) == 0)
                fail_msg("%s %s", API_ROUTES[i].method, API_ROUTES[i].pattern);
}

TEST(the_document_is_json_and_holds_every_row)
{
    CLEANUP(buf_done) Buf out = BUF(API_OPENAPI_MAX);
    api_openapi_write(&out);
    Err err;
    CLEANUP(jv_freep) Jv *doc = NULL;
    T_OK(jv_parse(buf_str(&out), &doc, &err), err);
    T_STR("3.1.0", jv_get_str(doc, "openapi"));
    for (int i = 0; i < API_ROUTES_LEN; i++) {
        char method[8] = {0};
        for (int k = 0; API_ROUTES[i].method[k]; k++)
            method[k] = (char)(API_ROUTES[i].method[k] | 0x20);
        const Jv *op = jv_get(jv_get(jv_get(doc, "paths"), API_ROUTES[i].pattern), method);
        if (jv_kind(op) != JV_OBJ)
            fail_msg("%s %s is not in the document", API_ROUTES[i].method, API_ROUTES[i].pattern);
    }
    assert_int_equal(jv_len(jv_get(jv_get(doc, "components"), "schemas")), (size_t)API_SHAPES_LEN);
}

/* What people send as a plain string, and why it is not cleaned. */
static const char *const PLAIN[] = {
    "LoginRequest.email",          /* looked up, never stored */
    "LoginRequest.password",       /* hashed, never stored */
    "DecisionRequest.key",         /* must be a key of the playbook */
    "SessionRequest.playbook_key", /* must be a key of the playbook */
    "PlayRequest.key",             /* letters, digits and _ only */
    "PlayRequest.prior_source",    /* names the authors of a study */
    "PlayDriver.feature",          /* must be the name of a feature */
    "ExperimentRequest.name",      /* small letters, digits and - only */
    "ExperimentRequest.keys",      /* must be keys of the playbook */
    "MoneyRequest.currency",       /* must be a code of ISO 4217 */
    "RestoreRequest.text",         /* tokens, turned back and never stored */
    "EraseRequest.subject",        /* looked up by its HMAC; of ids the audit keeps the id */
};

static bool is_plain(const char *shape, Str member)
{
    CLEANUP(buf_done) Buf name = BUF(200);
    buf_addf(&name, "%s." STR_FMT, shape, STR_ARG(member));
    for (size_t i = 0; i < ARRAY_LEN(PLAIN); i++)
        if (str_eq_c(buf_str(&name), PLAIN[i]))
            return true;
    return false;
}

TEST(every_string_of_a_request_is_cleaned_or_listed_here)
{
    for (int i = 0; i < API_SHAPES_LEN; i++) {
        const ApiShapeRow *s = &API_SHAPES[i];
        if (!str_ends(str_from(s->name), STR("Request")) && strcmp(s->name, "PlayDriver") != 0)
            continue;
        Str rest = str_from(s->shape);
        for (ptrdiff_t at; (at = str_find(rest, STR("string"))) >= 0;
             rest = str_slice(rest, (size_t)at + 6, rest.len)) {
            size_t end = (size_t)at, start;
            while (end > 0 &&
                   (rest.ptr[end - 1] == ':' || rest.ptr[end - 1] == '[' || rest.ptr[end - 1] == '?'))
                end--;
            for (start = end; start > 0 && rest.ptr[start - 1] != ' ' && rest.ptr[start - 1] != ','; start--)
                ;
            if (!is_plain(s->name, str_slice(rest, start, end)))
                fail_msg("%s.%.*s is neither text nor listed", s->name, (int)(end - start), rest.ptr + start);
        }
    }
}

T_MAIN(T(every_string_of_a_request_is_cleaned_or_listed_here), T(every_row_is_complete_and_denies_by_default),
       T(the_auditor_changes_nothing_but_the_own_tokens_and_session), T(no_two_rows_are_the_same_route),
       T(the_document_is_json_and_holds_every_row))
