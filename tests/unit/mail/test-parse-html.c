/* test-parse-html.c - a page of HTML as the reader sees it: its lines, where its links lead, and
 * nothing that was hidden from them.
 */
#include "mail/parse.h"
#include "mail/parse_internal.h"

#include <string.h>

typedef struct {
    const char *html, *text;
} Case;

static void assert_reads(const Case *cases, gsize n_cases)
{
    for (gsize i = 0; i < n_cases; i++) {
        g_autofree char *text = parse_html_to_text(cases[i].html, strlen(cases[i].html), NULL);
        if (strcmp(text, cases[i].text) != 0)
            g_error("%s\n  is read as \"%s\"\n  and not as \"%s\"", cases[i].html, text,
                    cases[i].text);
    }
}

static void says_where_links_lead(void)
{
    static const Case cases[] = {
        {"<a href='https://x.example/a'>Apra qui</a>, grazie",
         "Apra qui <https://x.example/a>, grazie"},
        {"<a href='https://x.example/a'>https://x.example/a</a>", "https://x.example/a"},
        {"<a href='https://x.example/'>www.x.example</a>.", "www.x.example."},
        {"<a href='https://altro.example/'>www.x.example</a>",
         "www.x.example <https://altro.example/>"},
        {"<a href='http://x.example/entra'>https://banca.example/entra</a>",
         "https://banca.example/entra <http://x.example/entra>"},
        {"<a href='mailto:a@b.example'>a@b.example</a>", "a@b.example"},
        {"<a href='mailto:a@b.example?subject=Ciao'>Scriva</a>", "Scriva <a@b.example>"},
        {"<a href='tel:+39045'>045 555</a> <a href='#sotto'>sotto</a> <a>qui</a>",
         "045 555 sotto qui"},
        {"<a href='javascript:alert(1)'>qui</a>", "qui"},
        {"<a href='https://x.example/logo'><img src='x.png'></a>ciao", "ciao"},
        {"<a href='https://x.example'><div>uno</div></a><div>due</div>",
         "uno <https://x.example>\ndue"},
        {"<a href='ht\ntps://x.example/ a<b>'>qui</a>", "qui <https://x.example/ab>"},
        {"<a href='https://x.example'>aperto", "aperto <https://x.example>"},
    };
    assert_reads(cases, G_N_ELEMENTS(cases));
    g_autofree char *tail = g_strnfill(5000, 'a');
    g_autofree char *html =
        g_strdup_printf("<a href='https://x.example:8443/%s'>qui</a> ora", tail);
    const Case far = {html, "qui <https://x.example:8443/…> ora"};
    assert_reads(&far, 1);
}

static void leaves_out_what_is_hidden(void)
{
    static const char *const styles[] = {
        "display:none",
        "DISPLAY : None !important",
        "color:red; display: none;",
        "display:/* x */none",
        "display:block;display:none",
        "visibility:hidden",
        "font-size:0",
        "font-size:0px;line-height:0",
        "font-size: 0.0em",
        "font-size:1px",
        "opacity:0",
        "opacity:0.0",
        "max-height:0;overflow:hidden",
        "overflow:hidden;height:0px;",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(styles); i++) {
        g_autofree char *html =
            g_strdup_printf("prima<span style=\"%s\">nascosto <b>anche</b></span>dopo", styles[i]);
        const Case hidden = {html, "primadopo"};
        assert_reads(&hidden, 1);
        g_autofree char *block =
            g_strdup_printf("<p>prima</p><div style=\"%s\">nascosto</div><p>dopo</p>", styles[i]);
        const Case paragraph = {block, "prima\n\ndopo"};
        assert_reads(&paragraph, 1);
    }
}

static void keeps_what_only_looks_hidden(void)
{
    static const char *const styles[] = {
        "font-size:0.9em",
        "font-size:1em",
        "font-size:1rem",
        "font-size:10px",
        "display:none;display:block",
        "opacity:0.9",
        "opacity:1",
        "max-height:0",
        "height:0",
        "overflow:hidden",
        "visibility:visible",
        "x-display:none",
        "display:nonesuch",
        "mso-hide:all",
        "font-size:",
        "font-size:small",
        "",
        "display",
        ";;;",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(styles); i++) {
        g_autofree char *html = g_strdup_printf("a <span style=\"%s\">b</span> c", styles[i]);
        const Case shown = {html, "a b c"};
        assert_reads(&shown, 1);
    }
}

static void letters_are_seen_again_where_they_have_a_size(void)
{
    static const Case cases[] = {
        {"<table><tr><td style='font-size:0'>no<span style='font-size:14px'>sì</span>no</td>"
         "<td>ancora</td></tr></table>",
         "sì ancora"},
        {"<div style='font-size:0'><p>no</p><div style='font-size:0'>no</div></div>sì", "sì"},
        {"<div style='font-size:0'><br><img src=x><p>no<p>no</div>sì", "sì"},
        {"<div style='font-size:0'></div></div></p></span>sì", "sì"},
    };
    assert_reads(cases, G_N_ELEMENTS(cases));
}

static void keeps_the_shape_of_tables_lists_and_quotations(void)
{
    static const Case cases[] = {
        {"<table><thead><tr><th>Foglio</th><th>Sub</th></tr></thead><tbody><tr><td>12</td>"
         "<td>2</td></tr></tbody></table>",
         "Foglio Sub\n12 2"},
        {"<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>c",
         "a b\nc"},
        {"<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n\n- b\n\n- c"},
        {"<dl><dt>Pratica</dt><dd>SCIA 2/2026</dd></dl>", "Pratica\nSCIA 2/2026"},
        {"<h1>Titolo</h1>testo<hr>fine", "Titolo\n\ntesto\n\nfine"},
        {"<blockquote><blockquote><blockquote>c</blockquote>b</blockquote>a</blockquote>x",
         ">>> c\n>> b\n> a\nx"},
        {"<blockquote><p>uno</p><p>due</p></blockquote>", "> uno\n>\n> due"},
        {"<blockquote><ul><li>uno<li>due</ul></blockquote>", "> - uno\n> - due"},
        {"</blockquote></blockquote>a", "a"},
    };
    assert_reads(cases, G_N_ELEMENTS(cases));
}

static void reads_entities_once(void)
{
    static const Case cases[] = {
        {"perch&eacute; &#233; &#xE9; &euro;&nbsp;5 &amp;lt;b&amp;gt;", "perché é é € 5 &lt;b&gt;"},
        {"AT&T &amp; Figli &sconosciuta; 3 < 4", "AT&T & Figli &sconosciuta; 3 < 4"},
        {"&lt;script&gt;x&lt;/script&gt;", "<script>x</script>"},
        {"<!-- <p>no</p> -->s\xc3\xac<![CDATA[no]]>", "sì"},
        {"<!DOCTYPE html [<!ENTITY a \"bbb\">]><p>&a;", "&a;"},
    };
    assert_reads(cases, 3);
    for (gsize i = 3; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = parse_html_to_text(cases[i].html, strlen(cases[i].html), NULL);
        g_assert_null(strstr(text, "bbb"));
        g_assert_null(strstr(text, "<p>"));
    }
}

static void depth_and_many_links_cost_no_more_than_length(void)
{
    static const char *const units[] = {"<div style='font-size:0'>",
                                        "<blockquote>",
                                        "<a href='https://x.example'>x",
                                        "<font><b><i>a",
                                        "<span style='display:none'>",
                                        "</p>",
                                        "<td>",
                                        "<!--"};
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
        GString *html = g_string_new(NULL);
        while (html->len < 400000)
            g_string_append(html, units[i]);
        gint64 before = g_get_monotonic_time();
        g_autofree char *text = parse_html_to_text(html->str, html->len, NULL);
        gint64 took = g_get_monotonic_time() - before;
        if (took > 20000000)
            g_error("%s: %" G_GINT64_FORMAT " ms", units[i], took / 1000);
        g_string_free(html, TRUE);
    }
}

#define TEST(function) g_test_add_func("/mail/parse/html/" #function, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    parse_warm(NULL);
    TEST(says_where_links_lead);
    TEST(leaves_out_what_is_hidden);
    TEST(keeps_what_only_looks_hidden);
    TEST(letters_are_seen_again_where_they_have_a_size);
    TEST(keeps_the_shape_of_tables_lists_and_quotations);
    TEST(reads_entities_once);
    TEST(depth_and_many_links_cost_no_more_than_length);
    return g_test_run();
}
