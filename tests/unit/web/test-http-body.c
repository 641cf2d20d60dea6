/* test-http-body.c - bodies on their way in: files of a form streamed to disk, limits, and what is
 * refused. */
#include "http-fixture.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORM_LIMIT 4096
#define UPLOAD_LIMIT (8 * 1024 * 1024)

static Running running;

/* One line: a field, then each upload as field:name:type:size:mode:sum of its bytes. */
static void answer(const HttpRequest *request, HttpReply *reply, gpointer context)
{
    GString *text = g_string_new(NULL);
    (void)context;
    g_string_append_printf(text, "a=%s", http_request_form(request, "a"));
    for (guint i = 0; i < http_request_uploads(request); i++) {
        const HttpUpload *upload = http_request_upload(request, i);
        g_autofree char *bytes = NULL;
        gsize length = 0;
        struct stat status;
        guint64 sum = 0;
        g_assert_true(g_file_get_contents(upload->file, &bytes, &length, NULL));
        g_assert_cmpint(stat(upload->file, &status), ==, 0);
        g_assert_cmpint(upload->size, ==, (gint64)length);
        for (gsize at = 0; at < length; at++)
            sum = sum * 31 + (guint8)bytes[at];
        g_string_append_printf(text, " %s:%s:%s:%zu:%o:%08x", upload->field, upload->name,
                               upload->type, length, status.st_mode & 0777,
                               (guint)(sum & 0xffffffff));
    }
    http_reply_body(reply, text);
}

static void start(void)
{
    running_start(&running, (HttpSettings){.form_limit = FORM_LIMIT, .upload_limit = UPLOAD_LIMIT},
                  NULL, answer, NULL);
}

static void stop(void)
{
    running_stop(&running); /* asserts that no file is left */
}

#define MULTIPART "Content-Type: multipart/form-data; boundary=\"--x y\"\r\n"
#define PART(name) "----x y\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define FILE_PART(name, file)                                                                      \
    "----x y\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" file               \
    "\"\r\nContent-Type: application/pdf\r\n\r\n"

static char *post(const char *headers, const char *body)
{
    return g_strdup_printf("POST /p HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n%s",
                           headers, strlen(body), body);
}

/* --- what comes through
 * ------------------------------------------------------------------------------ */

static const char form_body[] = PART("a") "uno \303\240\r\n" FILE_PART(
    "f",
    "pianta \303\250.pdf") "\r\n--\r\n----x\r\nY\r\n" FILE_PART("empty",
                                                                "") "\r\n" FILE_PART("g",
                                                                                     "zero.pdf") "\r\n----x y--\r\n";
static const char form_seen[] =
    "a=uno \303\240 f:pianta \303\250.pdf:application/pdf:14:600:60be527e"
    " g:zero.pdf:application/pdf:0:600:00000000";

static void files_of_a_form_reach_the_handler(void)
{
    start();
    g_autofree char *request = post(MULTIPART, form_body);
    g_auto(Answer) got = client_ask(&running, request);
    g_assert_cmpuint(got.status, ==, 200);
    g_assert_cmpstr(got.body, ==, form_seen);
    stop();
}

static void a_form_may_be_cut_anywhere(void)
{
    start();
    g_autofree char *request = post(MULTIPART, form_body);
    int fd = client_open(&running);
    for (const char *byte = request; *byte; byte++) {
        client_send_bytes(fd, byte, 1);
        if (byte[0] == '\r' || byte[0] == '-')
            g_usleep(300); /* so that it arrives alone */
    }
    g_auto(Answer) got = client_read(fd, FALSE);
    g_assert_cmpstr(got.body, ==, form_seen);
    close(fd);
    stop();
}

static void the_connection_goes_on_after_an_upload(void)
{
    start();
    g_autofree char *request = post(MULTIPART, form_body);
    int fd = client_open(&running);
    for (guint i = 0; i < 3; i++) {
        client_send(fd, request);
        g_auto(Answer) got = client_read(fd, FALSE);
        g_assert_cmpstr(got.body, ==, form_seen);
    }
    close(fd);
    stop();
}

static gint64 resident_bytes(void)
{
    g_autofree char *text = NULL;
    gint64 pages = 0;
    g_assert_true(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
    const char *second = strchr(text, ' ');
    pages = g_ascii_strtoll(second, NULL, 10);
    return pages * sysconf(_SC_PAGESIZE);
}

static void a_big_file_is_streamed(void)
{
    const gsize size = 6 * 1024 * 1024;
    g_autofree char *piece = g_strnfill(64 * 1024, 'x');
    const char *end = "\r\n----x y--\r\n";
    start();
    int fd = client_open(&running);
    g_autofree char *head =
        g_strdup_printf("POST /p HTTP/1.1\r\nHost: x\r\n" MULTIPART "Content-Length: %zu\r\n\r\n",
                        strlen(FILE_PART("f", "big.pdf")) + size + strlen(end));
    client_send(fd, head);
    client_send(fd, FILE_PART("f", "big.pdf"));
    gint64 before = resident_bytes();
    for (gsize sent = 0; sent < size; sent += 64 * 1024)
        client_send_bytes(fd, piece, 64 * 1024);
    gint64 after = resident_bytes();
    client_send(fd, end);
    g_auto(Answer) got = client_read(fd, FALSE);
    g_assert_true(g_str_has_prefix(got.body, "a=(null) f:big.pdf:application/pdf:6291456:600:"));
    g_assert_cmpint(after - before, <, 3 * 1024 * 1024);
    close(fd);
    stop();
}

static void a_client_that_waits_for_continue_gets_it(void)
{
    start();
    int fd = client_open(&running);
    client_send(fd,
                "POST /p HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    g_auto(Answer) first = client_read(fd, TRUE);
    g_assert_cmpuint(first.status, ==, 100);
    client_send(fd, "a=1");
    g_auto(Answer) second = client_read(fd, FALSE);
    g_assert_cmpstr(second.body, ==, "a=1");
    close(fd);
    stop();
}

/* --- what is refused
 * ----------------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    const char *headers;
    const char *body;
    guint status;
} Case;

static const Case cases[] = {
    {"no_boundary", "Content-Type: multipart/form-data\r\n", "--x\r\n", 400},
    {"a_boundary_that_is_too_long",
     "Content-Type: multipart/form-data; boundary="
     "0123456789012345678901234567890123456789012345678901234567890123456789x\r\n",
     "--x\r\n", 400},
    {"no_closing_boundary", MULTIPART, FILE_PART("f", "a.pdf") "bytes", 400},
    {"an_empty_multipart_form", MULTIPART, "x", 400},
    {"a_field_that_is_no_utf8", MULTIPART, PART("a") "\xff\r\n----x y--\r\n", 400},
    {"a_name_that_is_no_utf8", MULTIPART, PART("\xff") "x\r\n----x y--\r\n", 400},
    {"a_part_head_that_never_ends", MULTIPART,
     "----x y\r\nContent-Disposition: form-data; name=\"a\"", 400},
};

static void check_case(gconstpointer data)
{
    const Case *one = data;
    start();
    g_autofree char *request = post(one->headers, one->body);
    g_auto(Answer) got = client_ask(&running, request);
    g_assert_cmpuint(got.status, ==, one->status);
    stop();
}

static void fields_over_the_form_limit_are_refused(void)
{
    start();
    g_autofree char *text = g_strnfill(FORM_LIMIT, 'x');
    g_autofree char *body =
        g_strconcat(PART("a"), text, "\r\n", PART("b"), "y\r\n----x y--\r\n", NULL);
    g_autofree char *request = post(MULTIPART, body);
    g_auto(Answer) got = client_ask(&running, request);
    g_assert_cmpuint(got.status, ==, 413);
    stop();
}

static void a_form_over_its_limit_is_refused(void)
{
    start();
    g_autofree char *text = g_strnfill(FORM_LIMIT, 'x');
    g_autofree char *body = g_strconcat("a=", text, NULL);
    g_autofree char *request = post("Content-Type: application/x-www-form-urlencoded\r\n", body);
    g_auto(Answer) got = client_ask(&running, request);
    g_assert_cmpuint(got.status, ==, 413);
    stop();
}

/* A browser reads no answer before it has sent everything. */
static void an_upload_over_the_limit_reads_why(void)
{
    const gsize size = UPLOAD_LIMIT + 4 * 1024 * 1024;
    g_autofree char *piece = g_strnfill(64 * 1024, 'x');
    start();
    int fd = client_open(&running);
    g_autofree char *head = g_strdup_printf(
        "POST /p HTTP/1.1\r\nHost: x\r\n" MULTIPART "Content-Length: %zu\r\n\r\n", size);
    client_send(fd, head);
    for (gsize sent = 0; sent < size; sent += 64 * 1024)
        client_send_bytes(fd, piece, 64 * 1024);
    g_auto(Answer) got = client_read(fd, FALSE);
    g_assert_cmpuint(got.status, ==, 413);
    close(fd);
    stop();
}

static void a_chunked_upload_over_the_limit_is_refused(void)
{
    g_autofree char *piece = g_strnfill(64 * 1024, 'x');
    start();
    int fd = client_open(&running);
    client_send(fd,
                "POST /p HTTP/1.1\r\nHost: x\r\n" MULTIPART "Transfer-Encoding: chunked\r\n\r\n");
    client_send(fd, "68\r\n" FILE_PART("f", "big.pdf"));
    g_assert_cmpuint(strlen(FILE_PART("f", "big.pdf")), ==, 0x68);
    client_send(fd, "\r\n");
    for (gsize sent = 0; sent < UPLOAD_LIMIT + 1024 * 1024; sent += 64 * 1024) {
        client_send(fd, "10000\r\n");
        client_send_bytes(fd, piece, 64 * 1024);
        client_send(fd, "\r\n");
    }
    client_send(fd, "0\r\n\r\n");
    g_auto(Answer) got = client_read(fd, FALSE);
    g_assert_cmpuint(got.status, ==, 413);
    close(fd);
    stop();
}

static void whoever_asks_first_is_refused_at_once(void)
{
    start();
    g_auto(Answer) got =
        client_ask(&running, "POST /p HTTP/1.1\r\nHost: x\r\n" MULTIPART
                             "Expect: 100-continue\r\nContent-Length: 99000000\r\n\r\n");
    g_assert_cmpuint(got.status, ==, 413);
    stop();
}

static void far_too_much_is_refused_at_once(void)
{
    start();
    g_auto(Answer) got = client_ask(&running, "POST /p HTTP/1.1\r\nHost: x\r\n" MULTIPART
                                              "Content-Length: 99000000000\r\n\r\n");
    g_assert_cmpuint(got.status, ==, 413);
    stop();
}

static void a_client_that_goes_away_leaves_no_file(void)
{
    start();
    int fd = client_open(&running);
    client_send(fd, "POST /p HTTP/1.1\r\nHost: x\r\n" MULTIPART
                    "Content-Length: 100000\r\n\r\n" FILE_PART("f", "a.pdf"));
    for (guint tries = 0; tries < 2000; tries++) { /* until the file is there */
        g_autoptr(GDir) folder = g_dir_open(running.folder, 0, NULL);
        if (g_dir_read_name(folder))
            break;
        g_usleep(1000);
    }
    close(fd);
    g_auto(Answer) other = client_ask(&running, "GET /p HTTP/1.1\r\nHost: x\r\n\r\n");
    g_assert_cmpuint(other.status, ==, 200);
    stop();
}

static void a_folder_that_is_missing_is_500(void)
{
    start();
    g_assert_cmpint(g_rmdir(running.folder), ==, 0);
    g_autofree char *request = post(MULTIPART, form_body);
    g_test_expect_message(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "event=upload_failed*");
    g_auto(Answer) got = client_ask(&running, request);
    g_test_assert_expected_messages();
    g_assert_cmpuint(got.status, ==, 500);
    g_assert_cmpint(g_mkdir(running.folder, 0700), ==, 0);
    stop();
}

static void a_header_that_is_too_big_is_431(void)
{
    start();
    g_autofree char *filler = g_strnfill(20000, 'x');
    g_autofree char *request =
        g_strconcat("GET / HTTP/1.1\r\nHost: x\r\nX-Big: ", filler, "\r\n\r\n", NULL);
    g_auto(Answer) got = client_ask(&running, request);
    g_assert_cmpuint(got.status, ==, 431);
    stop();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/body/files_of_a_form_reach_the_handler",
                    files_of_a_form_reach_the_handler);
    g_test_add_func("/http/body/a_form_may_be_cut_anywhere", a_form_may_be_cut_anywhere);
    g_test_add_func("/http/body/the_connection_goes_on_after_an_upload",
                    the_connection_goes_on_after_an_upload);
    g_test_add_func("/http/body/a_big_file_is_streamed", a_big_file_is_streamed);
    g_test_add_func("/http/body/a_client_that_waits_for_continue_gets_it",
                    a_client_that_waits_for_continue_gets_it);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = g_strconcat("/http/body/refused/", cases[i].name, NULL);
        g_test_add_data_func(name, &cases[i], check_case);
    }
    g_test_add_func("/http/body/fields_over_the_form_limit_are_refused",
                    fields_over_the_form_limit_are_refused);
    g_test_add_func("/http/body/a_form_over_its_limit_is_refused",
                    a_form_over_its_limit_is_refused);
    g_test_add_func("/http/body/an_upload_over_the_limit_reads_why",
                    an_upload_over_the_limit_reads_why);
    g_test_add_func("/http/body/a_chunked_upload_over_the_limit_is_refused",
                    a_chunked_upload_over_the_limit_is_refused);
    g_test_add_func("/http/body/whoever_asks_first_is_refused_at_once",
                    whoever_asks_first_is_refused_at_once);
    g_test_add_func("/http/body/far_too_much_is_refused_at_once", far_too_much_is_refused_at_once);
    g_test_add_func("/http/body/a_client_that_goes_away_leaves_no_file",
                    a_client_that_goes_away_leaves_no_file);
    g_test_add_func("/http/body/a_folder_that_is_missing_is_500", a_folder_that_is_missing_is_500);
    g_test_add_func("/http/body/a_header_that_is_too_big_is_431", a_header_that_is_too_big_is_431);
    return g_test_run();
}
