/* http_route.c - see http_route.h. */
#include "http/http_route.h"

#include "base/mem.h"

#define ALLOW_MAX 96
#define TREE_BYTES_MAX (4u << 20)

/* The routes of one path, one for each method. */
typedef struct Methods {
    const HttpRoute *routes[HTTP_METHODS_MAX];
    int n;
    char allow[ALLOW_MAX];
} Methods;

typedef struct Node Node;
struct Node {
    Str literal;
    Node *next; /* sibling */
    Node *children;
    Node *param;   /* the {name} child */
    Methods *here; /* a pattern ends at this node */
    Methods *rest; /* "*": everything below */
};

struct HttpRouter {
    Arena *arena;
    Node *root;
};

static void add_allow(Methods *m, const char *method)
{
    size_t len = strlen(m->allow);
    BUG_ON(len + strlen(method) + 3 > sizeof m->allow);
    if (len > 0) {
        memcpy(m->allow + len, ", ", 2);
        len += 2;
    }
    memcpy(m->allow + len, method, strlen(method) + 1);
}

static const HttpRoute *find_method(const Methods *m, Str method)
{
    for (int i = 0; i < m->n; i++)
        if (str_eq_c(method, m->routes[i]->method))
            return m->routes[i];
    return NULL;
}

static void add_route(HttpRouter *r, Methods **at, const HttpRoute *route)
{
    if (*at == NULL)
        *at = ARENA_NEW(r->arena, Methods);
    Methods *m = *at;
    BUG_ON(m == NULL || m->n == HTTP_METHODS_MAX || find_method(m, str_from(route->method)) != NULL);
    m->routes[m->n++] = route;
    add_allow(m, route->method);
    if (strcmp(route->method, "GET") == 0)
        add_allow(m, "HEAD");
}

static Node *child_of(HttpRouter *r, Node *n, Str segment)
{
    bool is_param = segment.len > 1 && segment.ptr[0] == '{' && segment.ptr[segment.len - 1] == '}';
    if (is_param && n->param == NULL)
        n->param = ARENA_NEW(r->arena, Node);
    if (is_param)
        return n->param;
    for (Node *c = n->children; c != NULL; c = c->next)
        if (str_eq(c->literal, segment))
            return c;
    Node *c = ARENA_NEW(r->arena, Node);
    BUG_ON(c == NULL);
    *c = (Node){.literal = segment, .next = n->children};
    n->children = c;
    return c;
}

static void insert(HttpRouter *r, const HttpRoute *route)
{
    Str rest = str_from(route->pattern), segment;
    BUG_ON(rest.len == 0 || rest.ptr[0] != '/');
    rest = str_slice(rest, 1, rest.len);
    Node *n = r->root;
    int depth = 0, n_params = 0;
    while (str_next(&rest, '/', &segment)) {
        n_params += segment.len > 0 && (segment.ptr[0] == '{' || segment.ptr[0] == '*');
        BUG_ON(++depth > HTTP_SEGMENTS_MAX || n_params > HTTP_PATH_PARAMS_MAX);
        if (str_eq_c(segment, "*")) {
            BUG_ON(rest.len > 0);
            add_route(r, &n->rest, route);
            return;
        }
        n = child_of(r, n, segment);
        BUG_ON(n == NULL);
    }
    add_route(r, &n->here, route);
}

HttpRouter *http_router_new(const HttpRoute *routes, int n)
{
    HttpRouter *r = MEM_NEW(HttpRouter);
    r->arena = arena_new(TREE_BYTES_MAX);
    r->root = ARENA_NEW(r->arena, Node);
    for (int i = 0; i < n; i++)
        insert(r, &routes[i]);
    return r;
}

void http_router_free(HttpRouter *r)
{
    if (r == NULL)
        return;
    arena_free(r->arena);
    mem_free(r);
}

/* HEAD is answered by the GET route; the edge leaves the body out. */
static bool take(const Methods *m, Str method, HttpMatch *ret)
{
    if (m == NULL)
        return false;
    ret->route = find_method(m, method);
    if (ret->route == NULL && str_eq_c(method, "HEAD"))
        ret->route = find_method(m, STR("GET"));
    ret->allow = m->allow;
    return true;
}

typedef struct Path {
    Str segments[HTTP_SEGMENTS_MAX];
    int n;
    bool too_deep;
    const char *end;
} Path;

/* True when the path exists below this node: ret then holds the route, or only what the path allows. */
static bool walk(const Node *n, const Path *p, int i, int n_params, Str method, HttpMatch *ret)
{
    if (i == p->n && !p->too_deep && take(n->here, method, ret))
        return true;
    bool known = false; /* the path exists, the method does not: a later branch may still have it */
    if (i < p->n) {
        for (const Node *c = n->children; c != NULL && !known; c = c->next)
            if (str_eq(c->literal, p->segments[i]))
                known = walk(c, p, i + 1, n_params, method, ret);
        if (known && ret->route != NULL)
            return true;
        if (n->param != NULL && p->segments[i].len > 0) {
            HttpMatch other = *ret;
            other.params[n_params] = p->segments[i];
            if (walk(n->param, p, i + 1, n_params + 1, method, &other) && (!known || other.route != NULL)) {
                *ret = other;
                known = true;
            }
        }
        if (known)
            return true;
    }
    if (!take(n->rest, method, ret))
        return false;
    const char *from = i < p->n ? p->segments[i].ptr : p->end;
    ret->params[n_params] = (Str){from, (size_t)(p->end - from)};
    return true;
}

void http_router_match(const HttpRouter *r, Str method, Str path, HttpMatch *ret)
{
    *ret = (HttpMatch){0};
    Path p = {.end = path.ptr + path.len};
    Str rest = str_slice(path, 1, path.len), segment;
    while (p.n < HTTP_SEGMENTS_MAX && str_next(&rest, '/', &segment))
        p.segments[p.n++] = segment;
    p.too_deep = p.n == HTTP_SEGMENTS_MAX && str_next(&rest, '/', &segment);
    walk(r->root, &p, 0, 0, method, ret);
}
