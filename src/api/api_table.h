/* api_table.h - the routes as data: roles, documentation and shapes. Routing, authorization, validation of query and
 * body, and /v1/openapi.json all come from these rows.
 *
 * A shape is a text: "name:type, other?:type|null". Types: uuid time date bool object any; string(MIN..MAX) and
 * text(MIN..MAX) in code points, text being what people write freely: in a request it is cleaned of personal data before
 * the handler sees it; int(MIN..MAX), number(MIN..MAX), each also without bounds; enum(a,b,c); [TYPE]; a name of API_SHAPES.
 * "?" after the name: may be absent. "|null": may be null. See api_shape.h. */
#ifndef EHUB_API_API_TABLE_H
#define EHUB_API_API_TABLE_H

#include "api/api.h"

/* flags */
#define API_PUBLIC (1u << 0)     /* no session is asked for */
#define API_IDEMPOTENT (1u << 1) /* takes Idempotency-Key */
#define API_SECRET (1u << 2) /* the answer holds a secret: it is never stored, Idempotency-Key is refused */

struct ApiRoute {
    const char *method;
    const char *pattern;
    unsigned roles; /* bits of ApiRole; deny by default */
    unsigned flags;
    HttpPool pool;
    int status; /* of success */
    ApiHandler *handler;
    const char *summary;
    const char *query;    /* shape of the query; NULL: none is accepted */
    const char *request;  /* name in API_SHAPES; NULL: no body */
    const char *response; /* name in API_SHAPES; NULL: no body, or not JSON (media) */
    const char *media;    /* media type when the answer is not JSON; NULL */
};

extern const ApiRoute API_ROUTES[];
extern const int API_ROUTES_LEN;

typedef struct ApiShapeRow {
    const char *name;
    const char *shape;
} ApiShapeRow;
extern const ApiShapeRow API_SHAPES[];
extern const int API_SHAPES_LEN;

const char *api_shape_named(Str name); /* NULL when there is none */

#endif
