/* test-value.c - the tree of a page: members, text forms, JSON out and in.
 */
#include "base/value.h"

#include <math.h>
#include <string.h>

static char *json_of(const Value *value)
{
    GString *out = g_string_new(NULL);
    value_write_json(value, out);
    return g_string_free(out, FALSE);
}

static char *text_of(const Value *value)
{
    GString *out = g_string_new(NULL);
    value_append_text(value, out);
    return g_string_free(out, FALSE);
}

static void members_keep_their_order_and_are_replaced_in_place(void)
{
    g_autoptr(Arena) arena = arena_new();
    Value *object = value_object(arena);
    value_set_text(object, "b", "one");
    value_set_integer(object, "a", 2);
    value_set_boolean(object, "c", TRUE);
    value_set_text(object, "b", "three");
    g_autofree char *json = json_of(object);
    g_assert_cmpstr(json, ==, "{\"b\":\"three\",\"a\":2,\"c\":true}");
    g_assert_cmpuint(value_length(object), ==, 3);
    const char *key = NULL;
    g_assert_cmpint(value_kind(value_member(object, 1, &key)), ==, VALUE_INTEGER);
    g_assert_cmpstr(key, ==, "a");
    g_assert_null(value_member(object, 3, &key));
}

static void a_member_is_found_by_its_whole_key(void)
{
    g_autoptr(Arena) arena = arena_new();
    Value *object = value_object(arena);
    value_set_text(object, "name", "Chiara");
    value_set_text(object, "names", "all");
    g_assert_cmpstr(value_get_text(object, "name"), ==, "Chiara");
    g_assert_null(value_get(object, "nam"));
    g_assert_null(value_get(object, ""));
    g_assert_true(value_get_n(object, "names of all", 5) == value_get(object, "names"));
    g_assert_null(value_get_n(object, "names of all", 6));
}

static void a_getter_of_another_kind_gets_nothing(void)
{
    g_autoptr(Arena) arena = arena_new();
    Value *object = value_object(arena);
    value_set_text(object, "text", "12");
    value_set_integer(object, "number", 12);
    value_set(object, "real", value_real(arena, 3.9));
    value_set(object, "huge", value_real(arena, 1e300));
    g_assert_cmpint(value_get_integer(object, "text"), ==, 0);
    g_assert_cmpint(value_get_integer(object, "real"), ==, 3);
    g_assert_cmpint(value_get_integer(object, "huge"), ==, 0);
    g_assert_null(value_get_text(object, "number"));
    g_assert_false(value_get_boolean(object, "number"));
    g_assert_null(value_get(value_get(object, "text"), "inside"));
    g_assert_null(value_get(NULL, "inside"));
    g_assert_null(value_at(object, 0));
    g_assert_cmpuint(value_length(value_get(object, "text")), ==, 0);
}

static void null_texts_are_null(void)
{
    g_autoptr(Arena) arena = arena_new();
    Value *object = value_object(arena);
    value_set_text(object, "borrowed", NULL);
    value_set_copy(object, "copied", NULL);
    g_autofree char *json = json_of(object);
    g_assert_cmpstr(json, ==, "{\"borrowed\":null,\"copied\":null}");
}

static void copied_texts_outlive_their_source(void)
{
    g_autoptr(Arena) arena = arena_new();
    Value *object = value_object(arena);
    char text[] = "before";
    value_set_copy(object, "copied", text);
    value_set_text(object, "borrowed", text);
    memcpy(text, "after!", 6);
    g_assert_cmpstr(value_get_text(object, "copied"), ==, "before");
    g_assert_cmpstr(value_get_text(object, "borrowed"), ==, "after!");
}

static void a_list_grows_beyond_one_chunk(void)
{
    g_autoptr(Arena) arena = arena_new();
    Value *list = value_list(arena);
    for (guint i = 0; i < 20000; i++)
        value_set_integer(value_append_object(list), "i", i);
    g_assert_cmpuint(value_length(list), ==, 20000);
    for (guint i = 0; i < 20000; i++)
        g_assert_cmpint(value_get_integer(value_at(list, i), "i"), ==, i);
    g_assert_null(value_at(list, 20000));
    g_assert_true(value_arena(list) == arena);
}

static void memory_of_an_arena_is_zeroed_aligned_and_apart(void)
{
    g_autoptr(Arena) arena = arena_new();
    guint8 *before = NULL;
    for (gsize bytes = 1; bytes < 300000; bytes = bytes * 3 / 2 + 1) {
        guint8 *memory = arena_alloc(arena, bytes);
        g_assert_cmpuint(GPOINTER_TO_SIZE(memory) % 16, ==, 0);
        for (gsize i = 0; i < bytes; i++)
            if (memory[i] != 0)
                g_error("byte %zu of %zu is not zero", i, bytes);
        memset(memory, 0xee, bytes);
        if (before)
            g_assert_cmpuint(before[0], ==, 0xee);
        before = memory;
    }
    char *after = arena_copy(arena, "still here");
    g_assert_cmpstr(after, ==, "still here");
}

static void printf_writes_short_and_long_texts(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autofree char *long_text = g_strnfill(200000, 'x');
    g_assert_cmpstr(arena_printf(arena, "%d-%s", 7, "a"), ==, "7-a");
    g_assert_cmpuint(strlen(arena_printf(arena, "%s!", long_text)), ==, 200001);
    Value *object = value_object(arena);
    for (guint i = 0; i < 3000; i++) {
        value_set_printf(object, "n", "%u", i);
        g_assert_cmpint(g_ascii_strtoll(value_get_text(object, "n"), NULL, 10), ==, i);
    }
    g_assert_cmpstr(arena_printf(arena, "%s", ""), ==, "");
}

static void scalars_have_a_text_form(void)
{
    static const struct {
        double number;
        const char *text;
    } reals[] = {{1.21, "1.21"},
                 {0.1, "0.1"},
                 {100, "100"},
                 {1e21, "1e+21"},
                 {1.0 / 3, "0.33333333333333331"},
                 {-2.5, "-2.5"}};
    g_autoptr(Arena) arena = arena_new();
    for (gsize i = 0; i < G_N_ELEMENTS(reals); i++) {
        g_autofree char *text = text_of(value_real(arena, reals[i].number));
        g_assert_cmpstr(text, ==, reals[i].text);
    }
    g_autofree char *least = text_of(value_integer(arena, G_MININT64));
    g_assert_cmpstr(least, ==, "-9223372036854775808");
    g_autofree char *zero = text_of(value_integer(arena, 0));
    g_assert_cmpstr(zero, ==, "0");
    g_autofree char *null = text_of(value_null(arena));
    g_assert_cmpstr(null, ==, "");
    g_autofree char *truth = text_of(value_boolean(arena, 2));
    g_assert_cmpstr(truth, ==, "true");
}

static void json_escapes_what_rfc_8259_asks(void)
{
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"", "\"\""},
        {"\"\\/", "\"\\\"\\\\/\""},
        {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
        {"a\x01\x1f\x7fz", "\"a\\u0001\\u001f\\u007fz\""},
        {"perché <b>€</b>", "\"perché <b>€</b>\""},
        {"😀", "\"😀\""},
    };
    g_autoptr(Arena) arena = arena_new();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *json = json_of(value_text(arena, cases[i].text));
        g_assert_cmpstr(json, ==, cases[i].json);
    }
}

static void invalid_utf8_becomes_the_replacement_character(void)
{
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"\xff", "\"\uFFFD\""},
        {"a\xc3", "\"a\uFFFD\""},
        {"a\xc3(\"", "\"a\uFFFD(\\\"\""},
        {"\xed\xa0\x80z", "\"\uFFFD\uFFFD\uFFFDz\""}, /* a lone surrogate */
        {"\xc0\xaf", "\"\uFFFD\uFFFD\""},             /* an overlong slash */
    };
    g_autoptr(Arena) arena = arena_new();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *json = json_of(value_text(arena, cases[i].text));
        g_assert_cmpstr(json, ==, cases[i].json);
    }
}

static void numbers_that_json_cannot_say_are_null(void)
{
    g_autoptr(Arena) arena = arena_new();
    Value *list = value_list(arena);
    value_append(list, value_real(arena, (double)NAN));
    value_append(list, value_real(arena, (double)-INFINITY));
    value_append(list, value_real(arena, 0.5));
    g_autofree char *json = json_of(list);
    g_assert_cmpstr(json, ==, "[null,null,0.5]");
}

static void json_comes_back_as_it_was_written(void)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "null",
        "true",
        "\"text\"",
        "-9223372036854775808",
        "{\"b\":[1,2.5,\"x\",null,false,{}],\"a\":{\"deep\":[[[]]]},\"\":\"empty key\"}",
        "[\"\\\"\\\\\\n\\u0001\",\"è 😀\"]",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(Arena) arena = arena_new();
        g_autoptr(GError) error = NULL;
        Value *value = value_parse_json(arena, texts[i], strlen(texts[i]), &error);
        g_assert_no_error(error);
        g_autofree char *json = json_of(value);
        g_assert_cmpstr(json, ==, texts[i]);
    }
}

static void keys_from_outside_are_copied(void)
{
    g_autoptr(Arena) arena = arena_new();
    char *json = g_strdup("{\"name\":\"Chiara\"}");
    Value *value = value_parse_json(arena, json, strlen(json), NULL);
    memset(json, 'x', strlen(json));
    g_free(json);
    g_assert_cmpstr(value_get_text(value, "name"), ==, "Chiara");
}

static void malformed_json_is_refused_with_its_place(void)
{
    static const char *const wrong[] = {"",        "{",     "[1,]",        "{\"a\":1,\"a\":2}",
                                        "nul",     "[1] x", "\"\xff\"",    "\"\\u0000\"",
                                        "[1e999]", "{a:1}", "\"\\ud800\"", "9223372036854775808"};
    g_autoptr(Arena) arena = arena_new();
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(value_parse_json(arena, wrong[i], strlen(wrong[i]), &error));
        g_assert_error(error, VALUE_ERROR, VALUE_ERROR_MALFORMED);
        g_assert_true(g_str_has_prefix(error->message, "JSON, line 1, column "));
    }
}

static char *nested(guint levels)
{
    g_autofree char *open = g_strnfill(levels, '[');
    g_autofree char *close = g_strnfill(levels, ']');
    return g_strconcat(open, close, NULL);
}

static void nesting_ends_at_64_levels(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *deepest = nested(64);
    Value *value = value_parse_json(arena, deepest, strlen(deepest), &error);
    g_assert_no_error(error);
    g_autofree char *json = json_of(value);
    g_assert_cmpstr(json, ==, deepest);

    g_autofree char *deeper = nested(65);
    g_assert_null(value_parse_json(arena, deeper, strlen(deeper), &error));
    g_assert_error(error, VALUE_ERROR, VALUE_ERROR_TOO_DEEP);
    g_clear_error(&error);

    g_autofree char *hostile = nested(100000);
    g_assert_null(value_parse_json(arena, hostile, strlen(hostile), &error));
    g_assert_nonnull(error);
}

static void many_members_from_outside_cost_no_square(void)
{
    g_autoptr(GString) json = g_string_new("{");
    for (guint i = 0; i < 100000; i++)
        g_string_append_printf(json, "%s\"k%u\":%u", i ? "," : "", i, i);
    g_string_append_c(json, '}');
    g_autoptr(Arena) arena = arena_new();
    g_test_timer_start();
    Value *value = value_parse_json(arena, json->str, json->len, NULL);
    g_assert_cmpuint(value_length(value), ==, 100000);
    g_assert_cmpfloat(g_test_timer_elapsed(), <, 5); /* a square of it takes minutes */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add_func("/base/value/" #name, name)
    CASE(members_keep_their_order_and_are_replaced_in_place);
    CASE(a_member_is_found_by_its_whole_key);
    CASE(a_getter_of_another_kind_gets_nothing);
    CASE(null_texts_are_null);
    CASE(copied_texts_outlive_their_source);
    CASE(a_list_grows_beyond_one_chunk);
    CASE(memory_of_an_arena_is_zeroed_aligned_and_apart);
    CASE(printf_writes_short_and_long_texts);
    CASE(scalars_have_a_text_form);
    CASE(json_escapes_what_rfc_8259_asks);
    CASE(invalid_utf8_becomes_the_replacement_character);
    CASE(numbers_that_json_cannot_say_are_null);
    CASE(json_comes_back_as_it_was_written);
    CASE(keys_from_outside_are_copied);
    CASE(malformed_json_is_refused_with_its_place);
    CASE(nesting_ends_at_64_levels);
    CASE(many_members_from_outside_cost_no_square);
    return g_test_run();
}
