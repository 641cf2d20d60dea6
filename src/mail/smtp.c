/* smtp.c - see smtp.h.
 *
 * libcurl reports a refusal as an error of sending and a missing reply as one of receiving: the
 * code of the last reply decides (CURLINFO_RESPONSE_CODE), and whether it can have been about the
 * letter is known from the kind of error. A bad reply closes the connection; the next letter opens
 * another.
 */
#include "mail/smtp.h"

#include <curl/curl.h>
#include <poll.h>
#include <string.h>

#define CONNECT_S 30L      /* to the end of the login */
#define TRANSACTION_S 300L /* all of a letter, connecting too */
#define QUIT_S 3L
#define HURRY_US (G_GINT64_CONSTANT(5) * G_USEC_PER_SEC)

struct Smtp {
    const ConfigSmtp *config;
    CURL *curl;        /* NULL: closed */
    const char *bytes; /* of the letter under way */
    gsize length, given;
    SmtpReply refusal; /* the last line with 4xx or 5xx of this transaction */
    gint64 size_limit;
    gint64 over_at_us; /* atomic, monotonic; 0: no hurry */
    char error[CURL_ERROR_SIZE];
};

/* --- what libcurl asks and tells --- */

static size_t give_bytes(char *out, size_t size, size_t count, void *data)
{
    Smtp *smtp = data;
    gsize n = MIN(size * count, smtp->length - smtp->given);
    memcpy(out, smtp->bytes + smtp->given, n);
    smtp->given += n;
    return n;
}

static size_t take_line(char *line, size_t size, size_t count, void *data)
{
    Smtp *smtp = data;
    SmtpReply reply = smtp_reply_read(line, size * count);
    gint64 limit = smtp_reply_size(line, size * count);
    if (reply.code >= 400)
        smtp->refusal = reply;
    if (limit)
        smtp->size_limit = limit;
    return size * count;
}

static size_t drop_body(char *bytes, size_t size, size_t count, void *data)
{
    (void)bytes;
    (void)data;
    return size * count;
}

static int is_over(void *data, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const Smtp *smtp = data;
    (void)a, (void)b, (void)c, (void)d;
    gint64 over_at_us = __atomic_load_n(&smtp->over_at_us, __ATOMIC_RELAXED);
    return over_at_us && g_get_monotonic_time() > over_at_us;
}

/* --- the connection --- */

/* Only what is in the configuration counts: no proxy of the environment, no system's authorities
 * beside a ca_file, no mechanism that would tell more than the one that was asked for. */
static void set_security(const Smtp *smtp)
{
    const ConfigSmtp *config = smtp->config;
    bool is_plain = g_str_equal(config->tls, "none");
    bool is_token = g_str_equal(config->auth, "xoauth2");
    curl_easy_setopt(smtp->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(smtp->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(smtp->curl, CURLOPT_USE_SSL,
                     (long)(is_plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl_easy_setopt(smtp->curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(smtp->curl, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(smtp->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (config->ca_file) {
        curl_easy_setopt(smtp->curl, CURLOPT_CAINFO, config->ca_file);
        curl_easy_setopt(smtp->curl, CURLOPT_CAPATH, NULL);
    }
    curl_easy_setopt(smtp->curl, CURLOPT_LOGIN_OPTIONS,
                     is_token ? "AUTH=XOAUTH2" : "AUTH=PLAIN;AUTH=LOGIN");
}

static void open_handle(Smtp *smtp)
{
    if (smtp->curl)
        return;
    smtp->curl = curl_easy_init();
    g_assert(smtp->curl);
    curl_easy_setopt(smtp->curl, CURLOPT_URL, smtp->config->url);
    curl_easy_setopt(smtp->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(smtp->curl, CURLOPT_QUICK_EXIT,
                     1L); /* a name server that hangs holds nobody */
    curl_easy_setopt(smtp->curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(smtp->curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
    curl_easy_setopt(smtp->curl, CURLOPT_TIMEOUT, TRANSACTION_S);
    curl_easy_setopt(smtp->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, TRANSACTION_S);
    curl_easy_setopt(smtp->curl, CURLOPT_ERRORBUFFER, smtp->error);
    curl_easy_setopt(smtp->curl, CURLOPT_READFUNCTION, give_bytes);
    curl_easy_setopt(smtp->curl, CURLOPT_READDATA, smtp);
    curl_easy_setopt(smtp->curl, CURLOPT_HEADERFUNCTION, take_line);
    curl_easy_setopt(smtp->curl, CURLOPT_HEADERDATA, smtp);
    curl_easy_setopt(smtp->curl, CURLOPT_WRITEFUNCTION, drop_body);
    curl_easy_setopt(smtp->curl, CURLOPT_XFERINFOFUNCTION, is_over);
    curl_easy_setopt(smtp->curl, CURLOPT_XFERINFODATA, smtp);
    curl_easy_setopt(smtp->curl, CURLOPT_NOPROGRESS, 0L);
    set_security(smtp);
}

/* libcurl decides by itself whether it connects, so the secret is read for each letter: a renewed
 * token makes a new connection, an unchanged one none. */
static bool set_secret(Smtp *smtp, GError **error)
{
    const ConfigSmtp *config = smtp->config;
    if (!config->user)
        return true;
    char *secret = config_secret_read(config->secret_file, error);
    if (!secret)
        return false;
    bool is_token = g_str_equal(config->auth, "xoauth2");
    curl_easy_setopt(smtp->curl, CURLOPT_USERNAME, config->user);
    curl_easy_setopt(smtp->curl, is_token ? CURLOPT_XOAUTH2_BEARER : CURLOPT_PASSWORD, secret);
    config_secret_free(secret);
    return true;
}

static void set_trouble(SmtpResult *result, const char *text)
{
    g_strlcpy(result->trouble, text, sizeof result->trouble);
    for (char *c = result->trouble; *c; c++)
        if (!g_ascii_isprint(*c) || *c == '"')
            *c = *c == '"' ? '\'' : ' ';
}

static SmtpResult without_talk(SmtpOutcome outcome, const char *trouble)
{
    SmtpResult result = {.outcome = outcome};
    set_trouble(&result, trouble);
    return result;
}

/* MAIL, RCPT and DATA are refused as errors of sending; what answers the letter's end comes when
 * all of it has been given. */
static SmtpResult judge(const Smtp *smtp, CURLcode code)
{
    SmtpResult result = {.was_handed_in = smtp->bytes && smtp->given == smtp->length};
    long reply = 0;
    curl_easy_getinfo(smtp->curl, CURLINFO_RESPONSE_CODE, &reply);
    bool about_letter = smtp->bytes && (code == CURLE_SEND_ERROR || result.was_handed_in);
    result.outcome = smtp_outcome(code == CURLE_OK, about_letter, (int)reply);
    if (code == CURLE_OK)
        return result;
    result.code = reply >= 400 ? (int)reply : 0;
    if (result.code && smtp->refusal.code == result.code)
        g_strlcpy(result.status, smtp->refusal.status, sizeof result.status);
    set_trouble(&result, *smtp->error ? smtp->error : curl_easy_strerror(code));
    return result;
}

static CURLcode perform(Smtp *smtp)
{
    smtp->given = 0;
    smtp->refusal = (SmtpReply){0};
    smtp->error[0] = '\0';
    return curl_easy_perform(smtp->curl);
}

/* A server may have closed the connection that was kept, just as it was used again. */
static bool broke_while_idle(const Smtp *smtp, CURLcode code)
{
    long reply = 0, connects = 0;
    curl_easy_getinfo(smtp->curl, CURLINFO_RESPONSE_CODE, &reply);
    curl_easy_getinfo(smtp->curl, CURLINFO_NUM_CONNECTS, &connects);
    bool is_broken =
        code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING;
    return is_broken && connects == 0 && (reply == 0 || reply == 421) && smtp->given == 0;
}

static SmtpResult transact(Smtp *smtp)
{
    g_autoptr(GError) error = NULL;
    if (!set_secret(smtp, &error))
        return without_talk(SMTP_DOWN, error->message);
    CURLcode code = perform(smtp);
    if (code != CURLE_OK && broke_while_idle(smtp, code))
        code = perform(smtp);
    return judge(smtp, code);
}

SmtpResult smtp_send(Smtp *smtp, const char *sender, const char *recipient, GBytes *letter)
{
    if (!smtp_is_path(sender))
        return without_talk(SMTP_REFUSED, "the sender's address is none");
    if (!smtp_is_path(recipient))
        return without_talk(SMTP_REFUSED, "the recipient's address is none");
    open_handle(smtp);
    smtp->bytes = g_bytes_get_data(letter, &smtp->length);
    struct curl_slist *recipients = curl_slist_append(NULL, recipient);
    curl_easy_setopt(smtp->curl, CURLOPT_CUSTOMREQUEST, NULL);
    curl_easy_setopt(smtp->curl, CURLOPT_NOBODY, 0L);
    curl_easy_setopt(smtp->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(smtp->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)smtp->length);
    curl_easy_setopt(smtp->curl, CURLOPT_MAIL_FROM, sender);
    curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, recipients);
    SmtpResult result = transact(smtp);
    curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(recipients);
    smtp->bytes = NULL;
    return result;
}

static void set_command(const Smtp *smtp, const char *command)
{
    curl_easy_setopt(smtp->curl, CURLOPT_UPLOAD, 0L);
    curl_easy_setopt(smtp->curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(smtp->curl, CURLOPT_CUSTOMREQUEST, command);
}

SmtpResult smtp_try(Smtp *smtp, gint64 *size_limit)
{
    open_handle(smtp);
    set_command(smtp, "NOOP");
    SmtpResult result = transact(smtp);
    if (size_limit)
        *size_limit = smtp->size_limit;
    return result;
}

/* --- its end --- */

bool smtp_is_open(const Smtp *smtp)
{
    return smtp->curl != NULL;
}

/* Whether the server has said nothing and not hung up. */
static bool is_alive(const Smtp *smtp)
{
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(smtp->curl, CURLINFO_ACTIVESOCKET, &socket);
    struct pollfd seen = {.fd = socket, .events = POLLIN};
    return socket != CURL_SOCKET_BAD && poll(&seen, 1, 0) == 0;
}

/* curl_easy_cleanup says QUIT too, but waits two minutes for the answer of a server that has
 * frozen; after a command the limits are ours. */
void smtp_close(Smtp *smtp)
{
    if (!smtp->curl)
        return;
    if (is_alive(smtp)) {
        set_command(smtp, "NOOP");
        curl_easy_setopt(smtp->curl, CURLOPT_FORBID_REUSE, 1L);
        curl_easy_setopt(smtp->curl, CURLOPT_TIMEOUT, QUIT_S);
        curl_easy_setopt(smtp->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, QUIT_S);
        perform(smtp);
    }
    curl_easy_cleanup(smtp->curl);
    smtp->curl = NULL;
}

void smtp_hurry(Smtp *smtp)
{
    __atomic_store_n(&smtp->over_at_us, g_get_monotonic_time() + HURRY_US, __ATOMIC_RELAXED);
}

Smtp *smtp_new(const ConfigSmtp *config)
{
    static gsize once = 0;
    if (g_once_init_enter(&once)) {
        g_assert(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
        g_once_init_leave(&once, 1);
    }
    Smtp *smtp = g_new0(Smtp, 1);
    smtp->config = config;
    return smtp;
}

void smtp_free(Smtp *smtp)
{
    if (!smtp)
        return;
    smtp_close(smtp);
    g_free(smtp);
}
