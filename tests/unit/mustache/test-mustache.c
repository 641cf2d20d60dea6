/* test-mustache.c - the official specification's cases, then what it leaves to us.
 */
#include "mustache/mustache.h"

#include <string.h>
#include <time.h>

static Value *parse_data(Arena *arena, const char *json)
{
    g_autoptr(GError) error = NULL;
    Value *value = value_parse_json(arena, json, strlen(json), &error);
    g_assert_no_error(error);
    return value;
}

static const Mustache *add(MustacheSet *set, const char *name, const char *source)
{
    g_autoptr(GError) error = NULL;
    const Mustache *template = mustache_set_add(set, name, source, -1, &error);
    g_assert_no_error(error);
    return template;
}

static void assert_renders(const Mustache *template, const Value *data, const char *expected)
{
    g_autoptr(GString) out = g_string_new("before ");
    mustache_render(template, data, out);
    g_assert_true(g_str_has_prefix(out->str, "before "));
    g_assert_cmpuint(strlen(out->str), ==, out->len);
    g_assert_cmpstr(out->str + strlen("before "), ==, expected);
}

/* --- the specification --- */

static void passes_the_case(gconstpointer data)
{
    const Value *test = data;
    g_autoptr(MustacheSet) set = mustache_set_new();
    const Value *partials = value_get(test, "partials");
    const char *name = NULL;
    for (guint i = 0; i < value_length(partials); i++) {
        const Value *partial = value_member(partials, i, &name);
        g_autoptr(GString) source = g_string_new(NULL);
        value_append_text(partial, source);
        add(set, name, source->str);
    }
    assert_renders(add(set, "the template", value_get_text(test, "template")),
                   value_get(test, "data"), value_get_text(test, "expected"));
}

static guint add_module(Arena *arena, const char *module)
{
    g_autofree char *file = g_strconcat(module, ".json", NULL);
    g_autofree char *path = g_build_filename(g_getenv("TEST_DATA"), "mustache", file, NULL);
    g_autofree char *json = NULL;
    g_autoptr(GError) error = NULL;
    if (!g_file_get_contents(path, &json, NULL, &error))
        g_error("%s", error->message);
    const Value *tests = value_get(parse_data(arena, json), "tests");
    for (guint i = 0; i < value_length(tests); i++) {
        const Value *test = value_at(tests, i);
        /* Two cases of a module may have the same name. */
        g_autofree char *name = g_strdelimit(g_strdup(value_get_text(test, "name")), " /", '_');
        g_autofree char *case_path = g_strdup_printf("/mustache/%s/%u_%s", module, i, name);
        g_test_add_data_func(case_path, test, passes_the_case);
    }
    return value_length(tests);
}

/* --- our own --- */

typedef struct {
    const char *template, *data, *expected;
} Case;

static void renders_all(const Case *cases, gsize n_cases)
{
    for (gsize i = 0; i < n_cases; i++) {
        g_autoptr(Arena) arena = arena_new();
        g_autoptr(MustacheSet) set = mustache_set_new();
        add(set, "card", "[{{$title}}card{{/title}}]");
        add(set, "page", "<{{$title}}page{{/title}}|{{$main}}{{/main}}>");
        assert_renders(add(set, "t", cases[i].template), parse_data(arena, cases[i].data),
                       cases[i].expected);
    }
}

static void truth_of_values(void)
{
    static const Case cases[] = {
        {"{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":null}", "no"},
        {"{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{}", "no"},
        {"{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":false}", "no"},
        {"{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":0}", "no"},
        {"{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":0.0}", "no"},
        {"{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":\"\"}", "no"},
        {"{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":[]}", "no"},
        {"{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":{}}", "yes"},
        {"{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":\"0\"}", "yes"},
        {"{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":-1}", "yes"},
        {"{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":[null]}", "yes"},
    };
    renders_all(cases, G_N_ELEMENTS(cases));
}

static void html_is_escaped_in_text_and_attributes(void)
{
    static const Case cases[] = {
        {"<a title='{{x}}'>{{{x}}}{{&x}}</a>", "{\"x\":\"<b>\\\"it's\\\" & è</b>\"}",
         "<a title='&lt;b&gt;&quot;it&#39;s&quot; &amp; è&lt;/b&gt;'><b>\"it's\" & "
         "è</b><b>\"it's\" & "
         "è</b></a>"},
        {"{{x}}", "{\"x\":\"<\"}", "&lt;"},
        {"{{x}}", "{\"x\":[1]}", ""},
        {"{{x}}", "{\"x\":{\"a\":1}}", ""},
    };
    renders_all(cases, G_N_ELEMENTS(cases));
}

static void plain_rendering_escapes_nothing(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(MustacheSet) set = mustache_set_new();
    g_autoptr(GString) out = g_string_new(NULL);
    add(set, "part", "{{x}}");
    mustache_render_plain(add(set, "t", "{{x}}{{{x}}}{{>part}}"),
                          parse_data(arena, "{\"x\":\"<&>\"}"), out);
    g_assert_cmpstr(out->str, ==, "<&><&><&>");
}

static void a_title_of_the_page_stays_out_of_its_cards(void)
{
    static const Case cases[] = {
        {"{{<page}}{{$title}}mine{{/title}}{{$main}}{{>card}}{{<card}}{{$title}}x{{/title}}"
         "{{/card}}{{/main}}{{/page}}",
         "{}", "<mine|[card][x]>"},
        {"{{<page}}{{$main}}{{$main}}inner{{/main}}{{/main}}{{/page}}", "{}", "<page|inner>"},
    };
    renders_all(cases, G_N_ELEMENTS(cases));
}

static void an_argument_sees_the_sections_around_the_block(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(MustacheSet) set = mustache_set_new();
    add(set, "table", "{{#rows}}{{$row}}{{/row}};{{/rows}}");
    assert_renders(add(set, "t", "{{<table}}{{$row}}{{n}}{{sep}}{{/row}}{{/table}}"),
                   parse_data(arena, "{\"sep\":\"!\",\"rows\":[{\"n\":1},{\"n\":2}]}"), "1!;2!;");
}

static void nested_indentation_adds_up(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(MustacheSet) set = mustache_set_new();
    add(set, "outer", "a\n  {{>inner}}\nb {{>inner}}\n");
    add(set, "inner", "1\n{{x}}\n\n");
    assert_renders(add(set, "t", "  {{>outer}}\nend\n"), parse_data(arena, "{\"x\":\"p\\nq\"}"),
                   "  a\n    1\n    p\nq\n    \n  b 1\np\nq\n\n\nend\n");
}

static void a_layout_takes_the_blocks_of_a_page(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(MustacheSet) set = mustache_set_new();
    add(set, "layout",
        "<title>{{$title}}Sportello{{/title}}</title>\n<main>\n{{$main}}\n{{/main}}\n</main>\n"
        "{{$scripts}}{{/scripts}}\n");
    assert_renders(add(set, "t",
                       "{{! comment }}\n{{<layout}}\n{{$title}}{{x}} · Sportello{{/title}}\n"
                       "{{$main}}\n<h1>{{x}}</h1>\n{{#list}}\n  <li>{{.}}\n{{/list}}\n{{/main}}\n"
                       "{{/layout}}\n"),
                   parse_data(arena, "{\"x\":\"A&B\",\"list\":[1,2]}"),
                   "<title>A&amp;B · Sportello</title>\n<main>\n<h1>A&amp;B</h1>\n  <li>1\n  "
                   "<li>2\n</main>\n\n");
}

static void endless_recursion_ends(void)
{
    static const struct {
        const char *template;
        gsize least, most; /* letters x */
    } cases[] = {{"x{{>t}}", 64, 64},
                 {"x{{<t}}{{/t}}", 64, 64},
                 {"x{{>t}}{{>t}}", 10000, 100000},
                 {"{{$a}}x{{/a}}{{<t}}{{$a}}x{{$a}}{{/a}}{{/a}}{{/t}}", 1, 100000},
                 {"x{{#list}}{{>t}}{{/list}}", 10000, 100000}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Arena) arena = arena_new();
        g_autoptr(MustacheSet) set = mustache_set_new();
        g_autoptr(GString) out = g_string_new(NULL);
        mustache_render(add(set, "t", cases[i].template), parse_data(arena, "{\"list\":[1,2]}"),
                        out);
        gsize letters = 0;
        for (const char *c = out->str; *c; c++)
            letters += *c == 'x';
        g_assert_cmpuint(letters, >=, cases[i].least);
        g_assert_cmpuint(letters, <=, cases[i].most);
    }
}

static void mistakes_are_named_with_template_and_line(void)
{
    static const struct {
        const char *template, *problem;
    } cases[] = {
        {"a\n\n{{x", "t:3: a tag is not closed"},
        {"{{{x}}", "t:1: a tag is not closed"},
        {"{{}}", "t:1: a tag needs one word as its name, not"},
        {"{{#_ contesto}}a{{/_}}", "t:1: a tag needs one word as its name, not _ contesto"},
        {"\n{{#a}}\n", "t:2: never closed: a"},
        {"{{$a}}", "t:1: never closed: a"},
        {"{{#a}}\n{{#b}}\n{{/a}}{{/b}}", "t:3: another section is open than a"},
        {"{{/a}}", "t:1: nothing is open that could be closed by a"},
        {"{{a..b}}", "t:1: a name has an empty part: a..b"},
        {"{{#.a}}{{/.a}}", "t:1: a name has an empty part: .a"},
        {"{{a.}}", "t:1: a name has an empty part: a."},
        {"{{=<%=}}", "t:1: two delimiters are needed, not <%"},
        {"{{=a b c=}}", "t:1: these are no delimiters: a b c"},
        {"{{= =}}", "t:1: two delimiters are needed, not"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(MustacheSet) set = mustache_set_new();
        g_autoptr(GError) error = NULL;
        g_assert_null(mustache_set_add(set, "t", cases[i].template, -1, &error));
        g_assert_error(error, MUSTACHE_ERROR, 0);
        g_assert_cmpstr(error->message, ==, cases[i].problem);
        g_assert_null(mustache_set_find(set, "t"));
    }
}

static void nesting_of_sections_has_an_end(void)
{
    g_autoptr(GString) source = g_string_new(NULL);
    for (guint i = 0; i < 33; i++)
        g_string_append(source, "{{#a}}");
    g_autoptr(MustacheSet) set = mustache_set_new();
    g_autoptr(GError) error = NULL;
    g_assert_null(mustache_set_add(set, "t", source->str, -1, &error));
    g_assert_cmpstr(error->message, ==, "t:1: too many sections inside each other at a");
}

static void a_name_is_taken_once(void)
{
    g_autoptr(MustacheSet) set = mustache_set_new();
    g_autoptr(GError) error = NULL;
    const Mustache *first = add(set, "t", "one");
    g_assert_null(mustache_set_add(set, "t", "two", -1, &error));
    g_assert_error(error, MUSTACHE_ERROR, 0);
    g_assert_true(mustache_set_find(set, "t") == first);
}

static void names_that_nobody_has_are_found_before_rendering(void)
{
    g_autoptr(MustacheSet) set = mustache_set_new();
    g_autoptr(GError) error = NULL;
    add(set, "one", "{{>two}}");
    add(set, "two", "\n{{<three}}{{/three}}");
    g_assert_false(mustache_set_check(set, &error));
    g_assert_cmpstr(error->message, ==, "two:2: there is no template three");
    g_clear_error(&error);
    add(set, "three", "");
    g_assert_true(mustache_set_check(set, &error));
}

/* 20 KB in a list of days and times, as the page of free times has it. */
static void twenty_kilobytes_cost_microseconds(void)
{
    enum { ROUNDS = 2000, DAYS = 22, TIMES = 17 };
    g_autoptr(MustacheSet) set = mustache_set_new();
    add(set, "layout", "<!doctype html><title>{{$title}}{{/title}}</title>{{$main}}{{/main}}\n");
    const Mustache *page = add(set, "page",
                               "{{<layout}}{{$title}}{{office}}{{/title}}{{$main}}\n{{#days}}\n"
                               "<h2>{{long}}</h2><ul>\n{{#times}}\n<li><time datetime=\"{{iso}}\">"
                               "{{time}}</time></li>\n{{/times}}\n</ul>\n{{/days}}\n{{/main}}"
                               "{{/layout}}");
    g_autoptr(GString) out = g_string_sized_new(64 * 1024);
    clock_t start = clock(); /* of the processor: the machine may be busy */
    for (guint round = 0; round < ROUNDS; round++) {
        g_string_truncate(out, 0);
        g_autoptr(Arena) arena = arena_new();
        Value *root = value_object(arena);
        value_set_text(root, "office", "Edilizia privata");
        Value *days = value_set_list(root, "days");
        for (guint d = 0; d < DAYS; d++) {
            Value *day = value_append_object(days);
            value_set_text(day, "long", "martedì 24 novembre");
            Value *times = value_set_list(day, "times");
            for (guint t = 0; t < TIMES; t++) {
                Value *time = value_append_object(times);
                value_set_text(time, "iso", "2026-11-24T10:00:00+01:00");
                value_set_text(time, "time", "10:00");
            }
        }
        mustache_render(page, root, out);
    }
    double us = (double)(clock() - start) / CLOCKS_PER_SEC * 1e6 / ROUNDS;
    g_test_message("%zu bytes built, rendered and freed in %.1f us", out->len, us);
    g_assert_cmpuint(out->len, >, 20000);
    g_assert_cmpfloat(us, <, 2000); /* far above what is measured; sanitizers are slow */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (!g_getenv("TEST_DATA"))
        g_error("TEST_DATA is not set");
    g_autoptr(Arena) arena = arena_new();
    static const char *const modules[] = {"comments", "delimiters", "interpolation", "inverted",
                                          "partials", "sections",   "inheritance"};
    for (gsize i = 0; i < G_N_ELEMENTS(modules); i++)
        g_assert_cmpuint(add_module(arena, modules[i]), >, 10);
#define CASE(name) g_test_add_func("/mustache/" #name, name)
    CASE(truth_of_values);
    CASE(html_is_escaped_in_text_and_attributes);
    CASE(plain_rendering_escapes_nothing);
    CASE(a_title_of_the_page_stays_out_of_its_cards);
    CASE(an_argument_sees_the_sections_around_the_block);
    CASE(nested_indentation_adds_up);
    CASE(a_layout_takes_the_blocks_of_a_page);
    CASE(endless_recursion_ends);
    CASE(mistakes_are_named_with_template_and_line);
    CASE(nesting_of_sections_has_an_end);
    CASE(a_name_is_taken_once);
    CASE(names_that_nobody_has_are_found_before_rendering);
    CASE(twenty_kilobytes_cost_microseconds);
    return g_test_run();
}
