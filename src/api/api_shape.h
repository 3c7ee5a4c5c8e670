/* api_shape.h - the little language of api_table.h: check a value against a shape, write a shape as JSON Schema.
 *
 *     "minutes:int(1..1440), topic:string(1..200), notes?:string(0..4000)|null"
 *
 * Threads: pure. Limits: values nested deeper than API_SHAPE_DEPTH are refused.
 * Errors:  INVALID naming the member: unknown, missing, of another type, out of bounds. A shape that cannot be read is
 *          a bug of ours (BUG_ON). */
#ifndef EHUB_API_API_SHAPE_H
#define EHUB_API_API_SHAPE_H

#include "base/jv.h"
#include "base/jw.h"

#define API_SHAPE_DEPTH 16

/* Checks an object against a shape's text. */
ErrKind MUST_USE api_shape_check(const char *shape, const Jv *value, Err *reterr);
/* The same for one value given as text (a query parameter). */
ErrKind MUST_USE api_shape_check_text(const char *shape, Str name, Str value, Err *reterr);

/* Calls fn with each string of a checked value that its shape calls text; fn may change it (jv_set_str). */
typedef ErrKind ApiTextFn(void *arg, Jv *text, Err *reterr);
ErrKind MUST_USE api_shape_each_text(const char *shape, Jv *value, ApiTextFn *fn, void *arg, Err *reterr);

/* The shape as a JSON Schema object (2020-12); names of other shapes become "$ref": "#/components/schemas/NAME". */
void api_shape_schema(const char *shape, Jw *w);
/* The query's fields as OpenAPI parameters, appended to the open array. */
void api_shape_parameters(const char *shape, Jw *w);

#endif
