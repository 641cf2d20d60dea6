/* http-fixture.c - see http-fixture.h. */
#include "http-fixture.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static gpointer run(gpointer data)
{
    http_server_run(data);
    return NULL;
}

void running_start(Running *running, HttpSettings settings, HttpQuickHandler *quick,
                   HttpHandler *handler, gpointer context)
{
    g_autoptr(GError) error = NULL;
    running->folder = g_dir_make_tmp("http-XXXXXX", NULL);
    settings.address = settings.address ? settings.address : "127.0.0.1";
    settings.workers = settings.workers ? settings.workers : 2;
    settings.form_limit = settings.form_limit ? settings.form_limit : 4096;
    settings.upload_limit = settings.upload_limit ? settings.upload_limit : 1024 * 1024;
    settings.upload_folder = running->folder;
    running->server = http_server_new(&settings, quick, handler, context, &error);
    g_assert_no_error(error);
    running->thread = g_thread_new("server", run, running->server);
}

void running_stop(Running *running)
{
    http_server_stop(running->server);
    g_thread_join(running->thread);
    http_server_free(running->server);
    g_assert_cmpint(g_rmdir(running->folder), ==, 0);
    g_free(running->folder);
}

int client_open(const Running *running)
{
    const struct timeval patience = {.tv_sec = 20};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = g_htons(http_server_port(running->server)),
                                  .sin_addr.s_addr = g_htonl(INADDR_LOOPBACK)};
    const int yes = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(fd, >=, 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    return fd;
}

void client_send_bytes(int fd, const void *bytes, gsize length)
{
    const char *at = bytes;
    while (length > 0) {
        ssize_t sent = send(fd, at, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* the server has ended it: the test finds out when it reads */
        at += sent;
        length -= (gsize)sent;
    }
}

void client_send(int fd, const char *text)
{
    client_send_bytes(fd, text, strlen(text));
}

static char *read_head(int fd)
{
    g_autoptr(GString) head = g_string_new(NULL);
    char byte;
    while (!g_str_has_suffix(head->str, "\r\n\r\n")) {
        if (recv(fd, &byte, 1, 0) != 1)
            return NULL;
        g_string_append_c(head, byte);
    }
    return g_strdup(head->str);
}

Answer client_read(int fd, gboolean head_only)
{
    Answer answer = {.head = read_head(fd)};
    if (!answer.head)
        return answer;
    answer.status = (guint)g_ascii_strtoull(answer.head + strlen("HTTP/1.1 "), NULL, 10);
    g_autofree char *length = answer_header(&answer, "Content-Length");
    answer.length = length && !head_only ? (gsize)g_ascii_strtoull(length, NULL, 10) : 0;
    answer.body = g_malloc0(answer.length + 1);
    if (answer.length > 0 &&
        recv(fd, answer.body, answer.length, MSG_WAITALL) != (ssize_t)answer.length)
        answer.status = 0;
    return answer;
}

void answer_clear(Answer *answer)
{
    g_free(answer->head);
    g_free(answer->body);
}

char *answer_header(const Answer *answer, const char *name)
{
    g_auto(GStrv) lines = g_strsplit(answer->head, "\r\n", -1);
    const gsize length = strlen(name);
    for (guint i = 1; lines[i]; i++)
        if (g_ascii_strncasecmp(lines[i], name, length) == 0 && lines[i][length] == ':')
            return g_strdup(g_strstrip(lines[i] + length + 1));
    return NULL;
}

gboolean client_is_ended(int fd)
{
    char buffer[4096];
    ssize_t count;
    do
        count = recv(fd, buffer, sizeof buffer, 0);
    while (count > 0);
    return count == 0 || errno == ECONNRESET;
}

Answer client_ask(const Running *running, const char *text)
{
    int fd = client_open(running);
    client_send(fd, text);
    Answer answer = client_read(fd, g_str_has_prefix(text, "HEAD "));
    close(fd);
    return answer;
}
