/* http_cut.h - stands in for libmicrohttpd where the check of a head is tested. */
#ifndef EHUB_TESTS_HTTP_CUT_H
#define EHUB_TESTS_HTTP_CUT_H

#include "http/http_check.h"

#define HTTP_CUT_MAX 4096
#define HTTP_CUT_HEADERS 8

/* Plays the library: cuts a raw head in a copy exactly as libmicrohttpd 0.9.75 does (zeros over blanks, colons and line
 * ends), so that each byte of a correct head can be changed in turn. */
typedef struct Cut {
    char bytes[HTTP_CUT_MAX];
    HttpPair headers[HTTP_CUT_HEADERS];
    HttpHead head;
    bool whole; /* the library would have called us */
} Cut;

static inline char *take_line(Cut *c, size_t len, size_t *at)
{
    char *line = c->bytes + *at;
    for (size_t i = *at; i < len; i++) {
        if (c->bytes[i] == '\r' && i + 1 < len && c->bytes[i + 1] == '\n') {
            c->bytes[i] = c->bytes[i + 1] = '\0';
            *at = i + 2;
            return line;
        }
        if (c->bytes[i] == '\n') {
            c->bytes[i] = '\0';
            *at = i + 1;
            return line;
        }
    }
    return NULL;
}

static inline void cut_head(Cut *c, const char *raw, size_t len)
{
    *c = (Cut){0};
    memcpy(c->bytes, raw, len);
    size_t at = 0;
    char *line = take_line(c, len, &at);
    char *blank = line != NULL ? strchr(line, ' ') : NULL, *last = line != NULL ? strrchr(line, ' ') : NULL;
    if (blank == NULL || last == blank)
        return;
    *blank = *last = '\0';
    c->head.method = str_from(line);
    c->head.target = str_from(blank + 1);
    c->head.version = str_from(last + 1);
    while ((line = take_line(c, len, &at)) != NULL && line[0] != '\0') {
        char *colon = strchr(line, ':');
        if (colon == NULL || c->head.n_headers == HTTP_CUT_HEADERS)
            return;
        *colon++ = '\0';
        while (*colon == ' ' || *colon == '\t')
            colon++;
        c->headers[c->head.n_headers++] = (HttpPair){str_from(line), str_from(colon)};
    }
    c->head.headers = c->headers;
    c->head.len = at;
    c->whole = line != NULL;
}

#endif
