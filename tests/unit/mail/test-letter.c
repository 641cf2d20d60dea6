/* test-letter.c - finished messages, read back by GMime as a mail program would. */
#include "mail/invitation.h"
#include "mail/letter.h"

#include <gmime/gmime.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMessage, g_object_unref)

static LetterDraft example(void)
{
    return (LetterDraft){
        .from_name = "Edilizia privata - Comune di Esempio",
        .from = "appuntamentiedilizia@comune.esempio.example",
        .to_name = "Luca Zanolli",
        .to = "luca.zanolli@studio.example",
        .subject = "Videochiamata confermata: martedì 24 novembre, ore 10:00 [EDI-7K3M-Q2]",
        .message_id = "s.1@comune.esempio.example",
        .date_at = 1795510805, /* 2026-11-24T09:00:05Z */
        .zone = zone_find("Europe/Rome"),
        .text = "Gentile Geom. Zanolli,\nè confermata.\n",
        .html = "<p>Gentile Geom. Zanolli, è confermata.</p>\n",
    };
}

static char *compose(const LetterDraft *draft)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = letter_compose(draft, &error);
    g_assert_no_error(error);
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    return g_strndup(data, length);
}

static GMimeMessage *read_back(const char *message)
{
    g_autoptr(GMimeStream) stream = g_mime_stream_mem_new_with_buffer(message, strlen(message));
    g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *parsed = g_mime_parser_construct_message(parser, NULL);
    g_assert_nonnull(parsed);
    return parsed;
}

/* The header alone, for comparing whole. */
static char *header_of(const char *message)
{
    const char *end = strstr(message, "\r\n\r\n");
    g_assert_nonnull(end);
    return g_strndup(message, (gsize)(end - message) + 2);
}

static void the_header_of_a_receipt_is_as_agreed(void)
{
    g_autoptr(GPtrArray) references = g_ptr_array_new();
    g_ptr_array_add(references, (gpointer) "first@studio.example");
    g_ptr_array_add(references, (gpointer) "second@studio.example");
    LetterDraft draft = example();
    draft.in_reply_to = "second@studio.example";
    draft.references = references;
    draft.origin = LETTER_AUTO_REPLIED;
    draft.reply_to = "edilizia+7k3m@comune.esempio.example";
    g_autofree char *message = compose(&draft);
    g_autofree char *header = header_of(message);
    g_assert_cmpstr(
        header, ==,
        "Date: Tue, 24 Nov 2026 10:00:05 +0100\r\n"
        "From: Edilizia privata - Comune di Esempio\r\n"
        " <appuntamentiedilizia@comune.esempio.example>\r\n"
        "To: Luca Zanolli <luca.zanolli@studio.example>\r\n"
        "Reply-To: Edilizia privata - Comune di Esempio\r\n"
        " <edilizia+7k3m@comune.esempio.example>\r\n"
        "Subject: =?UTF-8?Q?Videochiamata_confermata=3A_marted=C3=AC_24_novembre=2C?=\r\n"
        " =?UTF-8?Q?_ore_10=3A00_=5BEDI-7K3M-Q2=5D?=\r\n"
        "Message-ID: <s.1@comune.esempio.example>\r\n"
        "In-Reply-To: <second@studio.example>\r\n"
        "References: <first@studio.example>\r\n"
        " <second@studio.example>\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\r\n"
        "Content-Language: it\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/alternative;\r\n"
        " boundary=\"=_a_b4816871a3365b034152295e\"\r\n");
}

static void a_letter_by_hand_is_not_called_automatic(void)
{
    LetterDraft draft = example();
    g_autofree char *message = compose(&draft);
    g_assert_null(strstr(message, "Auto-Submitted"));
    g_assert_null(strstr(message, "In-Reply-To"));
    g_assert_null(strstr(message, "References"));
    draft.origin = LETTER_AUTO_GENERATED;
    g_autofree char *automatic = compose(&draft);
    g_assert_nonnull(strstr(automatic, "\r\nAuto-Submitted: auto-generated\r\n"));
}

static char *decoded(GMimeObject *part)
{
    g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();
    g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)), stream);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    return g_strndup((const char *)bytes->data, bytes->len);
}

static GMimeObject *part_at(GMimeObject *multipart, gint index)
{
    g_assert_true(GMIME_IS_MULTIPART(multipart));
    GMimeObject *part = g_mime_multipart_get_part(GMIME_MULTIPART(multipart), index);
    g_assert_nonnull(part);
    return part;
}

static void assert_type(GMimeObject *part, const char *expected)
{
    g_autofree char *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part));
    g_assert_cmpstr(type, ==, expected);
}

static char *calendar(InvitationMethod method)
{
    Invitation invitation = {
        .method = method,
        .uid = "a1@comune.esempio.example",
        .sequence = 2,
        .starts_at = 1795510800,
        .ends_at = 1795512000,
        .zone = zone_find("Europe/Rome"),
        .organizer = "appuntamentiedilizia@comune.esempio.example",
        .attendee = "luca.zanolli@studio.example",
        .summary = "Videochiamata: però, sì",
    };
    return invitation_write(&invitation);
}

static void an_invitation_stands_as_alternative_and_as_file(void)
{
    g_autofree char *invitation = calendar(INVITATION_REQUEST);
    LetterDraft draft = example();
    draft.invitation = invitation;
    draft.invitation_method = "REQUEST";
    g_autofree char *message = compose(&draft);
    g_autoptr(GMimeMessage) parsed = read_back(message);
    GMimeObject *mixed = g_mime_message_get_mime_part(parsed);
    assert_type(mixed, "multipart/mixed");
    g_assert_cmpint(g_mime_multipart_get_count(GMIME_MULTIPART(mixed)), ==, 2);
    GMimeObject *alternative = part_at(mixed, 0);
    assert_type(alternative, "multipart/alternative");
    g_assert_cmpint(g_mime_multipart_get_count(GMIME_MULTIPART(alternative)), ==, 3);

    GMimeObject *part = part_at(alternative, 2);
    assert_type(part, "text/calendar");
    g_assert_cmpstr(g_mime_object_get_content_type_parameter(part, "method"), ==, "REQUEST");
    g_assert_cmpstr(g_mime_object_get_content_type_parameter(part, "charset"), ==, "utf-8");
    g_assert_null(g_mime_object_get_content_disposition(part));
    g_autofree char *bytes = decoded(part);
    g_assert_cmpstr(bytes, ==, invitation);

    GMimeObject *file = part_at(mixed, 1);
    assert_type(file, "application/ics");
    g_assert_cmpstr(g_mime_part_get_filename(GMIME_PART(file)), ==, "invite.ics");
    g_autofree char *same = decoded(file);
    g_assert_cmpstr(same, ==, invitation);
}

static void both_texts_come_back_as_they_were(void)
{
    LetterDraft draft = example();
    g_autoptr(GString) text = g_string_new("From qui\n.punto\n=uguale= \t\nfine riga con spazio \n"
                                           "=_m_ somiglia a un confine\n\n");
    for (guint i = 0; i < 40; i++)
        g_string_append(text, i % 7 ? "perché € 😀 " : "una parola ");
    g_string_append(text, "\n\nhttps://sportello.example/p/0123456789ABCDEFGHJKMNPQRS?x=1&y=2\n");
    draft.text = text->str;
    draft.html = text->str;
    g_autofree char *message = compose(&draft);
    g_autoptr(GMimeMessage) parsed = read_back(message);
    GMimeObject *alternative = g_mime_message_get_mime_part(parsed);
    assert_type(alternative, "multipart/alternative");
    static const char *const types[] = {"text/plain", "text/html"};
    for (gint i = 0; i < 2; i++) {
        GMimeObject *part = part_at(alternative, i);
        assert_type(part, types[i]);
        g_autofree char *bytes = decoded(part);
        g_auto(GStrv) lines = g_strsplit(bytes, "\r\n", -1);
        g_autofree char *joined = g_strjoinv("\n", lines);
        g_assert_cmpstr(joined, ==, text->str);
    }
}

static void every_line_is_short_seven_bit_and_ends_in_crlf(void)
{
    g_autofree char *invitation = calendar(INVITATION_CANCEL);
    g_autofree char *spaces = g_strnfill(200, ' ');
    g_autofree char *long_word = g_strnfill(300, 'x');
    LetterDraft draft = example();
    draft.invitation = invitation;
    draft.invitation_method = "CANCEL";
    draft.text = spaces;
    draft.html = long_word;
    draft.subject = long_word;
    draft.to_name = "Nome molto lungo, con virgole; \"virgolette\" e altro ancora fino alla fine";
    g_autofree char *message = compose(&draft);
    g_auto(GStrv) lines = g_strsplit(message, "\r\n", -1);
    for (guint i = 0; lines[i]; i++) {
        g_assert_cmpuint(strlen(lines[i]), <=, 78);
        for (const char *c = lines[i]; *c; c++)
            g_assert_true(g_ascii_isprint(*c));
    }
    g_assert_true(g_str_has_suffix(message, "--\r\n"));
}

static void names_and_subjects_come_back_clean(void)
{
    static const struct {
        const char *given, *expected;
    } cases[] = {
        {"Luca Zanolli", "Luca Zanolli"},
        {"Nicolò Dell'Oro", "Nicolò Dell'Oro"},
        {"Rossi, Anna \"la geometra\" \\", "Rossi, Anna \"la geometra\" \\"},
        {"a\r\nBcc: x@y.example", "a Bcc: x@y.example"},
        {"  due\t\tparole \n", "due parole"},
        {"=?UTF-8?Q?finta?=", "=?UTF-8?Q?finta?="},
        {"arch. \xE2\x80\xAEoissoR\xE2\x80\xAC", "arch. oissoR"},
        {"\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"Ingegneria Strutture Città Metropolitana Ufficio Tecnico Unità Operativa Però Così È",
         "Ingegneria Strutture Città Metropolitana Ufficio Tecnico Unità Operativa Però Così È"},
        {"日本語の名前がとても長いときにも文字の途中では切れないことを確かめるための名前です",
         "日本語の名前がとても長いときにも文字の途中では切れないことを確かめるための名前です"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        LetterDraft draft = example();
        draft.to_name = draft.subject = cases[i].given;
        g_autofree char *message = compose(&draft);
        g_autoptr(GMimeMessage) parsed = read_back(message);
        InternetAddressList *to = g_mime_message_get_to(parsed);
        g_assert_cmpint(internet_address_list_length(to), ==, 1);
        InternetAddress *address = internet_address_list_get_address(to, 0);
        g_assert_cmpstr(internet_address_get_name(address), ==, cases[i].expected);
        g_assert_cmpstr(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address)), ==,
                        "luca.zanolli@studio.example");
        g_assert_cmpstr(g_mime_message_get_subject(parsed), ==, cases[i].expected);
        g_assert_null(g_mime_object_get_header(GMIME_OBJECT(parsed), "Bcc"));
    }
}

static void without_a_name_there_is_the_bare_address(void)
{
    LetterDraft draft = example();
    draft.to_name = NULL;
    draft.from_name = " ";
    g_autofree char *message = compose(&draft);
    g_assert_nonnull(strstr(message, "\r\nTo: luca.zanolli@studio.example\r\n"));
    g_assert_nonnull(strstr(message, "\r\nFrom: appuntamentiedilizia@comune.esempio.example\r\n"));
}

static void refuses_addresses_that_are_none(void)
{
    static const char *const wrong[] = {
        "",
        "x",
        "@y.example",
        "x@",
        "x@y..example",
        "x y@z.example",
        "x@y_z",
        "x@-y.example",
        "x@y-.example",
        ".x@y.example",
        "x.@y.example",
        "x..y@z.example",
        "x@y.example\r\nBcc: z@y.example",
        "x@y.example,z@y.example",
        "\"x y\"@z.example",
        "x@[1.2.3.4]",
        "è@y.example",
        "x@città.example",
        "<x@y.example>",
        "x@y.example ",
        "x@y.example.",
    };
    static const char *const right[] = {"x@y", "o'hara+50%#1@y.example", "a.b-c_d@x-y.example",
                                        "A@1.example"};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        LetterDraft draft = example();
        draft.to = wrong[i];
        g_autoptr(GError) error = NULL;
        g_test_message("%s", wrong[i]);
        g_assert_null(letter_compose(&draft, &error));
        g_assert_error(error, LETTER_ERROR, LETTER_ERROR_ADDRESS);
        g_assert_false(letter_can_write_to(wrong[i]));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(right); i++)
        g_assert_true(letter_can_write_to(right[i]));
    g_assert_false(letter_can_write_to(NULL));
    g_autofree char *long_local = g_strnfill(65, 'a');
    g_autofree char *too_long = g_strconcat(long_local, "@y.example", NULL);
    g_assert_false(letter_can_write_to(too_long));
}

static void refuses_identifiers_that_would_break_the_header(void)
{
    g_autoptr(GPtrArray) references = g_ptr_array_new();
    g_ptr_array_add(references, (gpointer) "fine@x.example");
    g_ptr_array_add(references, (gpointer) "a b@x.example");
    LetterDraft cases[] = {example(), example(), example()};
    cases[0].message_id = "x@y>\r\nBcc: z@y.example";
    cases[1].in_reply_to = "x\ny@z.example";
    cases[2].references = references;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(letter_compose(&cases[i], &error));
        g_assert_error(error, LETTER_ERROR, LETTER_ERROR_ID);
    }
    g_assert_true(letter_is_message_id("CA+x=1$y@mail.example"));
    g_assert_true(letter_is_message_id("without-an-at"));
    g_assert_false(letter_is_message_id(""));
    g_assert_false(letter_is_message_id(NULL));
}

static void identifiers_belong_to_the_domain_of_the_office(void)
{
    g_autofree char *id = letter_message_id("s.1", "edilizia@comune.esempio.example");
    g_assert_cmpstr(id, ==, "s.1@comune.esempio.example");
    g_autofree char *nowhere = letter_message_id("s.1", "");
    g_assert_cmpstr(nowhere, ==, "s.1@localhost");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_mime_init();
#define ADD(name) g_test_add_func("/mail/letter/" #name, name)
    ADD(the_header_of_a_receipt_is_as_agreed);
    ADD(a_letter_by_hand_is_not_called_automatic);
    ADD(an_invitation_stands_as_alternative_and_as_file);
    ADD(both_texts_come_back_as_they_were);
    ADD(every_line_is_short_seven_bit_and_ends_in_crlf);
    ADD(names_and_subjects_come_back_clean);
    ADD(without_a_name_there_is_the_bare_address);
    ADD(refuses_addresses_that_are_none);
    ADD(refuses_identifiers_that_would_break_the_header);
    ADD(identifiers_belong_to_the_domain_of_the_office);
    return g_test_run();
}
