/* test-imap-parse.c - what servers answer, whole and in pieces, and what they must not make us do.
 */
#include "mail/imap_parse.h"

#include <string.h>

/* --- one answer ---------------------------------------------------------------------------- */

static ImapAnswer parse(const char *text)
{
    ImapAnswer answer;
    imap_parse_answer(text, strlen(text), &answer);
    return answer;
}

static void tells_status_code_and_tag(void)
{
    static const struct {
        const char *text, *tag;
        ImapStatus status;
        const char *code, *name;
        guint32 code_number, number;
    } cases[] = {
        {"* OK ready", "*", IMAP_OK, "", "", 0, 0},
        {"S3 NO [TRYCREATE] no such mailbox", "S3", IMAP_NO, "TRYCREATE", "", 0, 0},
        {"s3 ok [read-only] done", "S3", IMAP_OK, "READ-ONLY", "", 0, 0},
        {"S4 BAD what?", "S4", IMAP_BAD, "", "", 0, 0},
        {"* BYE", "*", IMAP_BYE, "", "", 0, 0},
        {"* PREAUTH in", "*", IMAP_PREAUTH, "", "", 0, 0},
        {"* OK [UIDVALIDITY 3857529045] UIDs valid", "*", IMAP_OK, "UIDVALIDITY", "", 3857529045,
         0},
        {"* OK [UIDNEXT 99999999999] beyond all numbers", "*", IMAP_OK, "UIDNEXT", "", 0, 0},
        {"* OK [UIDNEXT -1] below", "*", IMAP_OK, "UIDNEXT", "", 0, 0},
        {"* 172 EXISTS", "*", IMAP_NO_STATUS, "", "EXISTS", 0, 172},
        {"* 3 expunge", "*", IMAP_NO_STATUS, "", "EXPUNGE", 0, 3},
        {"* FLAGS (\\Seen)", "*", IMAP_NO_STATUS, "", "FLAGS", 0, 0},
        {"+ idling", "+", IMAP_NO_STATUS, "", "", 0, 0},
        {"+", "+", IMAP_NO_STATUS, "", "", 0, 0},
        {"", "", IMAP_NO_STATUS, "", "", 0, 0},
        {"* OK [", "*", IMAP_OK, "", "", 0, 0},
        {"OKAY", "OKAY", IMAP_NO_STATUS, "", "", 0, 0},
        {"* OK [A-CODE-LONGER-THAN-ALL-THAT-ARE-KNOWN-TO-US 1] x", "*", IMAP_OK,
         "A-CODE-LONGER-THAN-ALL-THAT-ARE", "", 1, 0},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        ImapAnswer answer = parse(cases[i].text);
        g_test_message("%s", cases[i].text);
        g_assert_cmpstr(answer.tag, ==, cases[i].tag);
        g_assert_cmpint(answer.status, ==, cases[i].status);
        g_assert_cmpstr(answer.code, ==, cases[i].code);
        g_assert_cmpstr(answer.name, ==, cases[i].name);
        g_assert_cmpuint(answer.code_number, ==, cases[i].code_number);
        g_assert_cmpuint(answer.number, ==, cases[i].number);
    }
}

static void knows_the_capabilities_we_use(void)
{
    static const struct {
        const char *text;
        guint capabilities;
    } cases[] = {
        {"* CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS",
         IMAP_CAN_IDLE | IMAP_CAN_MOVE | IMAP_CAN_UIDPLUS},
        {"* OK [CAPABILITY IMAP4rev1 uidplus] ready", IMAP_CAN_UIDPLUS},
        {"* CAPABILITY IDLENESS MOVED XMOVE", 0},
        {"* CAPABILITY", 0},
        {"* CAPABILITY   IDLE  ", IMAP_CAN_IDLE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpuint(parse(cases[i].text).capabilities, ==, cases[i].capabilities);
}

static void knows_which_flags_last(void)
{
    g_assert_cmpuint(parse("* OK [PERMANENTFLAGS (\\Answered \\Seen \\*)] limited").flags, ==,
                     IMAP_FLAG_SEEN | IMAP_FLAG_ANY);
    g_assert_cmpuint(parse("* OK [PERMANENTFLAGS (\\Deleted $sportellostored)] limited").flags, ==,
                     IMAP_FLAG_STORED);
    g_assert_cmpuint(parse("* OK [PERMANENTFLAGS ()] none").flags, ==, 0);
    g_assert_cmpuint(parse("* OK [PERMANENTFLAGS (((\\Seen").flags, ==, IMAP_FLAG_SEEN);
}

static void reads_what_is_said_about_a_message(void)
{
    static const struct {
        const char *text;
        guint32 uid;
        gint64 size, internal_at;
        guint flags;
        bool has_body;
    } cases[] = {
        {"* 1 FETCH (UID 7 RFC822.SIZE 4286 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" FLAGS "
         "(\\Seen))",
         7, 4286, 837596665, IMAP_FLAG_SEEN, false},
        {"* 1 FETCH (FLAGS ($SportelloStored \\Recent) UID 7)", 7, -1, G_MININT64, IMAP_FLAG_STORED,
         false},
        {"* 1 FETCH (MODSEQ (12121231000) ENVELOPE ((\"a)\" NIL) NIL) UID 9)", 9, -1, G_MININT64, 0,
         false},
        {"* 1 FETCH (X-GM-LABELS (\"\\\\Inbox\" {3}\r\na)\" b) UID 9)", 9, -1, G_MININT64, 0,
         false},
        {"* 1 FETCH (BODY[] \"\" UID 5)", 5, -1, G_MININT64, 0, true},
        {"* 1 FETCH (BODY[HEADER.FIELDS (TO FROM)]<0> \"x\" UID 5)", 5, -1, G_MININT64, 0, true},
        {"* 1 FETCH (BODY[] NIL UID 5)", 5, -1, G_MININT64, 0, false},
        {"* 1 FETCH (UID 5 BODY[] \"no end)", 5, -1, G_MININT64, 0, false},
        {"* 1 FETCH (UID 5 BODY[] \"no end\\\")", 5, -1, G_MININT64, 0, false},
        {"* 1 FETCH (UID 4294967296 RFC822.SIZE -4)", 0, -1, G_MININT64, 0, false},
        {"* 1 FETCH (RFC822.SIZE 99999999999999999999 UID 2)", 2, -1, G_MININT64, 0, false},
        {"* 1 FETCH (INTERNALDATE NIL UID 2)", 2, -1, G_MININT64, 0, false},
        {"* 1 FETCH UID 2", 0, -1, G_MININT64, 0, false},
        {"* 1 FETCH (", 0, -1, G_MININT64, 0, false},
        {"* 1 FETCH (\"\" UID 3)", 3, -1, G_MININT64, 0, false},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        ImapAnswer answer = parse(cases[i].text);
        g_test_message("%s", cases[i].text);
        g_assert_cmpstr(answer.name, ==, "FETCH");
        g_assert_cmpuint(answer.uid, ==, cases[i].uid);
        g_assert_cmpint(answer.size, ==, cases[i].size);
        g_assert_cmpint(answer.internal_at, ==, cases[i].internal_at);
        g_assert_cmpuint(answer.flags, ==, cases[i].flags);
        g_assert_cmpint(answer.has_body, ==, cases[i].has_body);
    }
}

static void reads_dates_and_nothing_else(void)
{
    static const struct {
        const char *text;
        gint64 at;
    } cases[] = {
        {"17-Jul-1996 02:44:25 -0700", 837596665},  {" 7-Feb-2026 12:00:00 +0000", 1770465600},
        {"07-feb-2026 12:00:00 +0130", 1770460200}, {"29-Feb-2025 12:00:00 +0000", G_MININT64},
        {"31-Xyz-2026 12:00:00 +0000", G_MININT64}, {"31-Dec-2026 23:59:60 +0000", 1798761599},
        {"31-Dec-2026 25:00:00 +0000", G_MININT64}, {"31-Dec-2026 23:00:00 UTC  ", G_MININT64},
        {"31-Dec-20x6 23:00:00 +0000", G_MININT64}, {"", G_MININT64},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].text);
        g_assert_cmpint(imap_parse_date(cases[i].text, strlen(cases[i].text)), ==, cases[i].at);
    }
}

/* --- the stream ---------------------------------------------------------------------------- */

/* What came, as one text: "<tag name number uid>" for an answer, "[size:bytes]" for a body, "#n"
 * for a number found. */
typedef struct {
    GString *text;
    guint64 body_most;
} Seen;

static bool seen_answer(const ImapAnswer *answer, gpointer context, GError **error)
{
    Seen *seen = context;
    (void)error;
    g_string_append_printf(seen->text, "<%s %s %u %u%s>", answer->tag,
                           answer->status ? "status" : answer->name, answer->number, answer->uid,
                           answer->has_body ? " body" : "");
    return true;
}

static bool seen_body_begins(guint64 size, gpointer context, GError **error)
{
    Seen *seen = context;
    if (size > seen->body_most) {
        g_set_error_literal(error, IMAP_ERROR, IMAP_ERROR_TOO_LARGE, "too large");
        return false;
    }
    g_string_append_printf(seen->text, "[%" G_GUINT64_FORMAT ":", size);
    return true;
}

static bool seen_body(const guint8 *bytes, gsize length, gpointer context, GError **error)
{
    Seen *seen = context;
    (void)error;
    g_string_append_len(seen->text, (const char *)bytes, (gssize)length);
    return true;
}

static void seen_found(guint32 uid, gpointer context)
{
    Seen *seen = context;
    g_string_append_printf(seen->text, "#%u", uid);
}

static const ImapHandler seeing = {seen_answer, seen_body_begins, seen_body, seen_found};

/* Fed in pieces of `piece` bytes; the code of the error, -1 when there was none. */
static gint feed(const char *bytes, gsize length, gsize piece, char **seen_text)
{
    Seen seen = {g_string_new(NULL), 1000000};
    g_autoptr(ImapStream) stream = imap_stream_new(&seeing, &seen);
    g_autoptr(GError) error = NULL;
    for (gsize at = 0; at < length && !error; at += piece)
        imap_stream_feed(stream, (const guint8 *)bytes + at, MIN(piece, length - at), &error);
    *seen_text = g_string_free(seen.text, FALSE);
    return error ? error->code : -1;
}

static void the_same_comes_out_however_it_is_cut(void)
{
    static const struct {
        const char *bytes, *seen;
    } cases[] = {
        {"* OK ready\r\nS1 OK done\r\n", "<* status 0 0><S1 status 0 0>"},
        {"* OK only line feeds\n* 3 EXISTS\n", "<* status 0 0><* EXISTS 3 0>"},
        {"* 1 FETCH (BODY[] {5}\r\nciao\n UID 7)\r\n", "[5:ciao\n<* FETCH 1 7 body>"},
        {"* 1 FETCH (UID 7 BODY[]<0> {5}\r\n{9}\r\n)\r\n", "[5:{9}\r\n<* FETCH 1 7 body>"},
        {"* 1 FETCH (UID 7 BODY[TEXT] {0}\r\n)\r\n", "[0:<* FETCH 1 7 body>"},
        {"* 1 FETCH (UID 7 BODY[] {4+}\r\nciao)\r\n", "[4:ciao<* FETCH 1 7 body>"},
        {"* 1 FETCH (UID 7 BODY[] \"a \\\"b\\\" \\\\\")\r\n", "[7:a \"b\" \\<* FETCH 1 7 body>"},
        {"* 1 FETCH (UID 7 BODY[]<0> \"x\")\r\n", "[1:x<* FETCH 1 7 body>"},
        {"* 1 FETCH (ENVELOPE ({3}\r\na)b NIL) UID 7)\r\n", "<* FETCH 1 7>"},
        {"* 1 FETCH (X {10}\r\nBODY[] {3} UID 7)\r\n", "<* FETCH 1 7>"},
        {"* LIST () \"/\" {1}\r\n\r\n* 1 EXISTS\r\n", "<* LIST 0 0><* EXISTS 1 0>"},
        {"* LIST () \"/\" {4}\r\nPo\"s\r\n", "<* LIST 0 0>"},
        {"* OK words may end so {5}\r\nS1 NO and so {5}\r\n", "<* status 0 0><S1 status 0 0>"},
        {"* SEARCH 2 84 882\r\n", "#2#84#882<* SEARCH 0 0>"},
        {"* SEARCH\r\n* SEARCH 1 x 4294967296 0 3 \r\n", "<* SEARCH 0 0>#1#3<* SEARCH 0 0>"},
        {"* SEARCHES 5\r\n", "<* SEARCHES 0 0>"},
        {"\r\n\r\n", "<  0 0><  0 0>"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        for (gsize piece = 1; piece < 80; piece += piece < 8 ? 1 : 23) {
            g_autofree char *seen = NULL;
            g_test_message("%s, %zu at a time", cases[i].bytes, piece);
            g_assert_cmpint(feed(cases[i].bytes, strlen(cases[i].bytes), piece, &seen), ==, -1);
            g_assert_cmpstr(seen, ==, cases[i].seen);
        }
}

static void what_is_too_much_is_refused(void)
{
    static const struct {
        const char *bytes;
        ImapError code;
    } cases[] = {
        {"* 1 FETCH (BODY[] {1000001}\r\n", IMAP_ERROR_TOO_LARGE},
        {"* 1 FETCH (BODY[] {4294967296}\r\n", IMAP_ERROR_TOO_LARGE},
        {"* 1 FETCH (BODY[] {99999999999999999999}\r\n", IMAP_ERROR_TOO_LARGE},
        {"* 1 FETCH (ENVELOPE {9000}\r\n", IMAP_ERROR_PROTOCOL},
        {"* LIST () \"/\" {99999999999999999999}\r\n", IMAP_ERROR_PROTOCOL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *seen = NULL;
        g_test_message("%s", cases[i].bytes);
        g_assert_cmpint(feed(cases[i].bytes, strlen(cases[i].bytes), 7, &seen), ==,
                        (gint)cases[i].code);
        g_assert_cmpstr(seen, ==, "");
    }
}

static void a_line_without_end_is_refused(void)
{
    g_autofree char *seen = NULL;
    g_autofree char *line = g_strnfill(IMAP_LINE_MOST + 1, 'x');
    g_assert_cmpint(feed(line, IMAP_LINE_MOST + 1, 4096, &seen), ==, IMAP_ERROR_PROTOCOL);
}

static void many_small_literals_are_a_line_too(void)
{
    g_autoptr(GString) bytes = g_string_new("* 1 FETCH (ENVELOPE (");
    g_autofree char *filling = g_strnfill(8000, 'x');
    for (guint i = 0; i < 20; i++)
        g_string_append_printf(bytes, "{8000}\r\n%s ", filling);
    g_autofree char *seen = NULL;
    g_assert_cmpint(feed(bytes->str, bytes->len, 4096, &seen), ==, IMAP_ERROR_PROTOCOL);
}

static void a_zero_byte_is_refused_but_in_a_body(void)
{
    g_autofree char *in_line = NULL, *in_body = NULL;
    g_assert_cmpint(feed("* OK \0\r\n", 8, 3, &in_line), ==, IMAP_ERROR_PROTOCOL);
    g_assert_cmpint(feed("* 1 FETCH (BODY[] {1}\r\n\0)\r\n", 27, 3, &in_body), ==, -1);
}

static void a_hundred_thousand_numbers_pass_through(void)
{
    g_autoptr(GString) bytes = g_string_new("* SEARCH"), expected = g_string_new(NULL);
    for (guint i = 1; i <= 100000; i++) {
        g_string_append_printf(bytes, " %u", i * 40000);
        g_string_append_printf(expected, "#%u", i * 40000);
    }
    g_string_append(bytes, "\r\n");
    g_string_append(expected, "<* SEARCH 0 0>");
    g_autofree char *seen = NULL;
    g_assert_cmpint(feed(bytes->str, bytes->len, 10000, &seen), ==, -1);
    g_assert_true(g_str_equal(seen, expected->str));
}

/* --- what we say --------------------------------------------------------------------------- */

static void quotes_names_of_folders(void)
{
    static const struct {
        const char *name, *quoted;
    } cases[] = {
        {"INBOX", "\"INBOX\""},
        {"Posta/In arrivo", "\"Posta/In arrivo\""},
        {"Città & archivio", "\"Citt&AOA- &- archivio\""},
        {"~peter/mail/台北/日本語", "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"\xf0\x9f\x93\xac", "\"&2D3c7A-\""},
        {"", "\"\""},
        {"a\r\nA1 LOGOUT", NULL},
        {"a\x7f", NULL},
        {"\xff", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *quoted = imap_quote_folder(cases[i].name);
        g_assert_cmpstr(quoted, ==, cases[i].quoted);
    }
}

static void writes_numbers_as_ranges(void)
{
    const guint32 uids[] = {1, 2, 3, 5, 7, 8, 4294967295};
    g_autofree char *all = imap_uid_set(uids, G_N_ELEMENTS(uids));
    g_autofree char *one = imap_uid_set(uids, 1);
    g_assert_cmpstr(all, ==, "1:3,5,7:8,4294967295");
    g_assert_cmpstr(one, ==, "1");
}

static void writes_days_in_english(void)
{
    g_autofree char *day = imap_day(1770465600);
    g_autofree char *first = imap_day(0);
    g_assert_cmpstr(day, ==, "7-Feb-2026");
    g_assert_cmpstr(first, ==, "1-Jan-1970");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail/imap/tells_status_code_and_tag", tells_status_code_and_tag);
    g_test_add_func("/mail/imap/knows_the_capabilities_we_use", knows_the_capabilities_we_use);
    g_test_add_func("/mail/imap/knows_which_flags_last", knows_which_flags_last);
    g_test_add_func("/mail/imap/reads_what_is_said_about_a_message",
                    reads_what_is_said_about_a_message);
    g_test_add_func("/mail/imap/reads_dates_and_nothing_else", reads_dates_and_nothing_else);
    g_test_add_func("/mail/imap/the_same_comes_out_however_it_is_cut",
                    the_same_comes_out_however_it_is_cut);
    g_test_add_func("/mail/imap/what_is_too_much_is_refused", what_is_too_much_is_refused);
    g_test_add_func("/mail/imap/a_line_without_end_is_refused", a_line_without_end_is_refused);
    g_test_add_func("/mail/imap/many_small_literals_are_a_line_too",
                    many_small_literals_are_a_line_too);
    g_test_add_func("/mail/imap/a_zero_byte_is_refused_but_in_a_body",
                    a_zero_byte_is_refused_but_in_a_body);
    g_test_add_func("/mail/imap/a_hundred_thousand_numbers_pass_through",
                    a_hundred_thousand_numbers_pass_through);
    g_test_add_func("/mail/imap/quotes_names_of_folders", quotes_names_of_folders);
    g_test_add_func("/mail/imap/writes_numbers_as_ranges", writes_numbers_as_ranges);
    g_test_add_func("/mail/imap/writes_days_in_english", writes_days_in_english);
    return g_test_run();
}
