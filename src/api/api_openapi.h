/* api_openapi.h - the OpenAPI 3.1 document and the reference page of API_ROUTES and API_SHAPES. Threads: pure. */
#ifndef EHUB_API_API_OPENAPI_H
#define EHUB_API_API_OPENAPI_H

#include "base/buf.h"

#define API_OPENAPI_MAX (1u << 20)

void api_openapi_write(Buf *out);
void api_openapi_docs(Buf *out); /* docs/reference/api.md */

#endif
