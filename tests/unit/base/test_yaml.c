#include "harness/t.h"

#include "base/yaml.h"

TEST(maps_lists_and_scalars_keep_order_and_lines)
{
    CLEANUP(arena_freep) Arena *a = arena_new(1 << 20);
    YamlNode *root = NULL;
    Err err = {0};
    T_OK(yaml_parse(a, STR("# c\ncolumns:\n  id: opportunity_id\n  stage: \"no\"\ndates: [a, b]\nempty:\n"),
                    "m.yaml", &root, &err),
         err);
    const YamlNode *columns = yaml_get(root, "columns");
    assert_int_equal(columns->n_children, 2);
    assert_int_equal(columns->line, 2);
    T_STR("opportunity_id", yaml_get(columns, "id")->scalar);
    assert_int_equal(yaml_get(columns, "id")->line, 3);
    assert_true(yaml_get(columns, "stage")->quoted);
    assert_int_equal(yaml_get(root, "dates")->kind, YAML_KIND_LIST);
    T_STR("b", yaml_get(root, "dates")->first->next->scalar);
    T_STR("", yaml_get(root, "empty")->scalar);
    assert_null(yaml_get(root, "absent"));
    assert_null(yaml_get(columns->first, "x"));
}

TEST(an_empty_document_is_an_empty_map)
{
    CLEANUP(arena_freep) Arena *a = arena_new(1 << 20);
    YamlNode *root = NULL;
    Err err = {0};
    T_OK(yaml_parse(a, STR("# nothing\n"), "m", &root, &err), err);
    assert_int_equal(root->kind, YAML_KIND_MAP);
    assert_int_equal(root->n_children, 0);
}

TEST(what_is_not_supported_is_refused_with_its_line)
{
    static const struct {
        const char *text;
        const char *where;
    } rows[] = {{"a: 1\na: 2\n", "f:2:1:"},       {"a: &x 1\n", "f:1:4:"},         {"a: *x\n", "f:1:4:"},
                {"a: !!int 1\n", "f:1:4:"},       {"a: 1\n---\nb: 2\n", "f:2:1:"}, {"a: [1\n", "f:2:1:"},
                {"a: 1\n\tb: 2\n", "f:2:1:"},     {"? [x]\n: 1\n", "f:1:3:"},      {"a: \"\xff\"\n", "f:"},
                {"a: {b: &z {c: 1}}\n", "f:1:8:"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(arena_freep) Arena *a = arena_new(1 << 20);
        YamlNode *root = NULL;
        Err err = {0};
        T_FAILS(ERR_INVALID, yaml_parse(a, str_from(rows[i].text), "f", &root, &err));
        if (!str_starts(str_from(err.msg), str_from(rows[i].where)))
            fail_msg("%s: \"%s\" does not start with %s", rows[i].text, err.msg, rows[i].where);
    }
}

TEST(depth_and_memory_have_limits)
{
    char deep[200];
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    YamlNode *root = NULL;
    Err err = {0};
    CLEANUP(arena_freep) Arena *a = arena_new(1 << 20);
    T_FAILS(ERR_INVALID, yaml_parse(a, (Str){deep, 200}, "f", &root, &err));
    CLEANUP(arena_freep) Arena *small = arena_new(64);
    assert_true(yaml_parse(small, STR("a: 1\nb: 2\n"), "f", &root, &err) != ERR_NONE);
    T_FAILS(ERR_NOT_FOUND, yaml_load(a, "/nonexistent.yaml", &root, &err));
}

T_MAIN(T(maps_lists_and_scalars_keep_order_and_lines), T(an_empty_document_is_an_empty_map),
       T(what_is_not_supported_is_refused_with_its_line), T(depth_and_memory_have_limits))
