/* test-http-tls.c - the built-in TLS of small installations: pages and WebSockets over a
 * self-signed certificate, which the test makes; and what a wrong certificate is answered with. */
#include "http-fixture.h"
#include "room/hub.h"
#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>
#include <unistd.h>

static char *folder, *certificate_file, *key_file;
static Running running;

/* --- a certificate for localhost
 * --------------------------------------------------------------------- */

static void make_certificate(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1,
                               0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    g_assert_cmpint(X509_sign(certificate, key, EVP_sha256()), >, 0);

    FILE *out = fopen(certificate_file, "w");
    g_assert_cmpint(PEM_write_X509(out, certificate), ==, 1);
    fclose(out);
    out = fopen(key_file, "w");
    g_assert_cmpint(PEM_write_PKCS8PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), ==, 1);
    fclose(out);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

/* --- the server
 * ------------------------------------------------------------------------------------------ */

static void answer(const HttpRequest *request, HttpReply *reply, gpointer context)
{
    (void)context;
    if (g_str_equal(http_request_path(request), "/echo")) {
        http_reply_websocket(reply, http_server_hub(running.server), "echo", NULL, NULL);
        return;
    }
    GString *page = g_string_new(NULL);
    for (guint i = 0; i < 5000; i++)
        g_string_append_printf(page, "%09u\n", i);
    http_reply_body(reply, page);
}

static void said(HubPeer *peer, const char *text, gsize length, gpointer context)
{
    g_autofree char *copy = g_strndup(text, length);
    (void)context;
    if (g_str_equal(copy, "close me"))
        hub_peer_close(peer, 4004);
    else
        hub_peer_send(peer, copy);
}

static const HubCallbacks echo = {NULL, said, NULL};

static void start(void)
{
    running_start(&running,
                  (HttpSettings){.certificate_file = certificate_file, .key_file = key_file}, NULL,
                  answer, NULL);
    hub_on(http_server_hub(running.server), "echo", &echo, NULL);
}

/* --- the client
 * ------------------------------------------------------------------------------------------- */

typedef struct {
    int fd;
    SSL_CTX *context;
    SSL *tls;
} Client;

static Client tls_open(void)
{
    Client client = {.fd = client_open(&running), .context = SSL_CTX_new(TLS_client_method())};
    g_assert_cmpint(SSL_CTX_load_verify_locations(client.context, certificate_file, NULL), ==, 1);
    SSL_CTX_set_verify(client.context, SSL_VERIFY_PEER, NULL);
    client.tls = SSL_new(client.context);
    SSL_set1_host(client.tls, "localhost");
    SSL_set_fd(client.tls, client.fd);
    g_assert_cmpint(SSL_connect(client.tls), ==, 1);
    return client;
}

static void tls_close(Client *client)
{
    SSL_free(client->tls);
    SSL_CTX_free(client->context);
    close(client->fd);
}

static void tls_send(Client *client, const void *bytes, gsize length)
{
    g_assert_cmpint(SSL_write(client->tls, bytes, (int)length), ==, (int)length);
}

/* Exactly `length` bytes, or what came before the end. */
static GString *tls_read(Client *client, gsize length)
{
    GString *text = g_string_new(NULL);
    char buffer[4096];
    while (text->len < length) {
        int count = SSL_read(client->tls, buffer, (int)MIN(sizeof buffer, length - text->len));
        if (count <= 0)
            break;
        g_string_append_len(text, buffer, count);
    }
    return text;
}

static GString *tls_read_head(Client *client)
{
    GString *head = g_string_new(NULL);
    while (!g_str_has_suffix(head->str, "\r\n\r\n")) {
        g_autoptr(GString) byte = tls_read(client, 1);
        if (byte->len == 0)
            break;
        g_string_append(head, byte->str);
    }
    return head;
}

/* --- tests
 * --------------------------------------------------------------------------------------------------
 */

static void pages_come_over_tls(void)
{
    start();
    Client client = tls_open();
    for (guint i = 0; i < 3; i++) {
        static const char get[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
        tls_send(&client, get, strlen(get));
        g_autoptr(GString) head = tls_read_head(&client);
        g_autoptr(GString) body = tls_read(&client, 50000);
        g_assert_true(g_str_has_prefix(head->str, "HTTP/1.1 200 "));
        g_assert_cmpuint(body->len, ==, 50000);
        g_assert_true(g_str_has_suffix(body->str, "000004999\n"));
    }
    tls_close(&client);
    running_stop(&running);
}

static Client open_echo(void)
{
    static const char handshake[] =
        "GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    Client client = tls_open();
    tls_send(&client, handshake, strlen(handshake));
    g_autoptr(GString) head = tls_read_head(&client);
    g_assert_true(g_str_has_prefix(head->str, "HTTP/1.1 101 "));
    return client;
}

/* A masked text frame of less than 64 KB, with a mask of zeros. */
static void say(Client *client, const char *text)
{
    g_autoptr(GString) frame = g_string_new("\x81");
    const gsize length = strlen(text);
    if (length < 126) {
        g_string_append_c(frame, (char)(0x80 | length));
    } else {
        g_string_append_c(frame, (char)(0x80 | 126));
        g_string_append_c(frame, (char)(length >> 8));
        g_string_append_c(frame, (char)(length & 0xff));
    }
    g_string_append_len(frame, "\0\0\0\0", 4);
    g_string_append(frame, text);
    tls_send(client, frame->str, frame->len);
}

static void expect_bytes(Client *client, const char *bytes, gsize length)
{
    g_autoptr(GString) got = tls_read(client, length);
    g_assert_cmpuint(got->len, ==, length);
    g_assert_cmpint(memcmp(got->str, bytes, length), ==, 0);
}

static void a_websocket_works_over_tls(void)
{
    g_autofree char *filler = g_strnfill(60000, 'x');
    start();
    Client client = open_echo();
    say(&client, "ciao");
    expect_bytes(&client,
                 "\x81\x04"
                 "ciao",
                 6);
    say(&client, filler);
    expect_bytes(&client, "\x81\x7e\xea\x60", 4);
    expect_bytes(&client, filler, 60000);
    hub_publish(http_server_hub(running.server), "echo", "tutti");
    expect_bytes(&client, "\x81\x05tutti", 7);
    say(&client, "close me");
    expect_bytes(&client, "\x88\x02\x0f\xa4", 4);
    tls_send(&client, "\x88\x82\0\0\0\0\x0f\xa4", 8);
    g_autoptr(GString) rest = tls_read(&client, 1);
    g_assert_cmpuint(rest->len, ==, 0);
    tls_close(&client);
    running_stop(&running);
}

static void a_live_client_may_vanish(void)
{
    start();
    for (guint i = 0; i < 5; i++) {
        Client client = open_echo();
        say(&client, "ciao");
        expect_bytes(&client,
                     "\x81\x04"
                     "ciao",
                     6);
        tls_close(&client);
    }
    Client client = open_echo();
    say(&client, "ciao");
    expect_bytes(&client,
                 "\x81\x04"
                 "ciao",
                 6);
    running_stop(&running); /* with one still there */
    tls_close(&client);
}

static void plain_text_is_no_handshake(void)
{
    start();
    int fd = client_open(&running);
    client_send(fd, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    g_assert_true(client_is_ended(fd));
    close(fd);
    running_stop(&running);
}

static void a_handshake_that_stalls_ends_at_the_header_deadline(void)
{
    running_start(&running,
                  (HttpSettings){.certificate_file = certificate_file,
                                 .key_file = key_file,
                                 .header_timeout_s = 1},
                  NULL, answer, NULL);
    int fd = client_open(&running);
    client_send_bytes(fd, "\x16\x03\x01", 3);
    g_assert_true(client_is_ended(fd));
    close(fd);
    running_stop(&running);
}

static void a_certificate_that_is_none_is_an_error(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) other = NULL;
    HttpSettings settings = {.address = "127.0.0.1",
                             .workers = 1,
                             .certificate_file = "/dev/null",
                             .key_file = "/dev/null"};
    g_assert_null(http_server_new(&settings, NULL, answer, NULL, &error));
    g_assert_error(error, HTTP_ERROR, 0);
    settings.certificate_file = "/nowhere/certificate.pem";
    g_assert_null(http_server_new(&settings, NULL, answer, NULL, &other));
    g_assert_error(other, HTTP_ERROR, 0);
    g_assert_nonnull(strstr(other->message, "/nowhere/certificate.pem"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("tls-XXXXXX", NULL);
    certificate_file = g_build_filename(folder, "certificate.pem", NULL);
    key_file = g_build_filename(folder, "key.pem", NULL);
    make_certificate();
    g_test_add_func("/http/tls/pages_come_over_tls", pages_come_over_tls);
    g_test_add_func("/http/tls/a_websocket_works_over_tls", a_websocket_works_over_tls);
    g_test_add_func("/http/tls/a_live_client_may_vanish", a_live_client_may_vanish);
    g_test_add_func("/http/tls/plain_text_is_no_handshake", plain_text_is_no_handshake);
    g_test_add_func("/http/tls/a_handshake_that_stalls_ends_at_the_header_deadline",
                    a_handshake_that_stalls_ends_at_the_header_deadline);
    g_test_add_func("/http/tls/a_certificate_that_is_none_is_an_error",
                    a_certificate_that_is_none_is_an_error);
    int failed = g_test_run();
    g_unlink(certificate_file);
    g_unlink(key_file);
    g_rmdir(folder);
    g_free(certificate_file);
    g_free(key_file);
    g_free(folder);
    return failed;
}
