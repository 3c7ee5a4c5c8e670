/* api_static.h - the console: files of web/dist, compiled in by tools/embed-web.
 *
 *     /  and any path without an extension outside /v1 --> index.html       /assets/NAME-HASH.EXT --> that file, for ever
 *
 * Answers come from the edge thread: constant bytes. Every one carries the Content-Security-Policy.
 * Threads: pure. */
#ifndef EHUB_API_API_STATIC_H
#define EHUB_API_API_STATIC_H

#include "base/uuid.h"
#include "http/http.h"

typedef struct ApiAsset {
    const char *path; /* "/assets/app-HASH.js"; NULL ends the list */
    const char *type;
    const char *etag; /* with its quotes */
    const char *bytes;
    size_t len;
    const char *gzip; /* NULL: not smaller */
    size_t gzip_len;
} ApiAsset;

extern const ApiAsset API_ASSETS[]; /* generated; without the console one plain page at "/index.html" */

ErrKind api_static_get(HttpRequest *req, HttpResponse *res, Err *reterr);
extern const HttpRoute API_STATIC_ROUTES[];
extern const int API_STATIC_ROUTES_LEN;

#endif
