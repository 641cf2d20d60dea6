/* http_request.c - what a request says: path, query, header, cookies, and what they are refused
 * for.
 *
 * Two readers of one message must never disagree where it ends (request smuggling), so whatever
 * proxies are known to read differently is refused before a byte of the body is read (RFC 9112, 6.1
 * and 6.3).
 */
#include "web/http_internal.h"
#include <string.h>
#include <unistd.h>

HttpRequest *http_request_new(HttpServer *server, HttpPeer *peer, struct MHD_Connection *connection,
                              const char *method)
{
    HttpRequest *request = g_new0(HttpRequest, 1);
    request->server = server;
    request->peer = peer;
    request->connection = connection;
    request->method = method;
    request->started_us = server->now_us;
    request->upload_fd = -1;
    request->reply.request = request;
    return request;
}

void http_request_free(HttpRequest *request)
{
    http_body_free(request);
    http_reply_reset(&request->reply);
    if (request->response)
        MHD_destroy_response(request->response);
    if (request->query)
        g_array_unref(request->query);
    g_free(request->path);
    g_free(request);
}

/* --- what it is refused for
 * ----------------------------------------------------------------------- */

static enum MHD_Result note_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    HttpHeaderFacts *facts = cls;
    const gsize length = strlen(name);
    (void)kind;
    if (length == 0 || strpbrk(name, " \t")) /* "Content-Length : 5" (RFC 9112, 5.1) */
        facts->malformed = TRUE;
    if (g_ascii_strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0) {
        facts->hosts++;
    } else if (g_ascii_strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
        facts->lengths++;
        facts->length = value;
    } else if (g_ascii_strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
        facts->encodings++;
        facts->encoding = value;
    } else if (g_ascii_strcasecmp(name, MHD_HTTP_HEADER_CONTENT_TYPE) == 0) {
        facts->type = value;
    } else if (g_ascii_strcasecmp(name, MHD_HTTP_HEADER_CONTENT_ENCODING) == 0) {
        facts->coding = value;
    } else if (g_ascii_strcasecmp(name, MHD_HTTP_HEADER_EXPECT) == 0) {
        facts->expect = value;
    }
    return MHD_YES;
}

static gboolean is_number(const char *text)
{
    gsize digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 18 && text[digits] == '\0';
}

static guint framing_refusal(const HttpHeaderFacts *facts)
{
    if (facts->malformed || facts->hosts > 1 || facts->lengths > 1 || facts->encodings > 1)
        return 400;
    if (facts->lengths && (facts->encodings || !is_number(facts->length ? facts->length : "")))
        return 400;
    if (facts->encodings &&
        g_ascii_strcasecmp(facts->encoding ? facts->encoding : "", "chunked") != 0)
        return 400;
    return 0;
}

typedef struct {
    GArray *fields;
    gboolean invalid;
} QueryReading;

static enum MHD_Result note_argument(void *cls, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    QueryReading *reading = cls;
    (void)kind;
    g_autofree char *clear_name =
        http_decode(name, strlen(name), FALSE); /* the library has turned + to a space */
    g_autofree char *clear_value =
        http_decode(value ? value : "", value ? strlen(value) : 0, FALSE);
    if (!clear_name || !clear_value) {
        reading->invalid = TRUE;
        return MHD_NO;
    }
    HttpField field = {g_steal_pointer(&clear_name), g_steal_pointer(&clear_value)};
    if (!reading->fields)
        reading->fields = http_fields_new();
    g_array_append_val(reading->fields, field);
    return MHD_YES;
}

guint http_request_open(HttpRequest *request, const char *url)
{
    HttpHeaderFacts facts = {0};
    QueryReading query = {0};

    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, note_header, &facts);
    guint refusal = framing_refusal(&facts);
    MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, note_argument, &query);
    request->query = query.fields;
    request->path = http_decode(url, strlen(url), FALSE);
    if (!request->path || request->path[0] != '/' || query.invalid)
        refusal = 400;
    if (!request->path) /* for the words of the refusal */
        request->path = g_strdup("/");
    return refusal ? refusal : http_body_open(request, &facts);
}

/* --- what handlers ask
 * ------------------------------------------------------------------------------ */

const char *http_request_method(const HttpRequest *request)
{
    return strcmp(request->method, MHD_HTTP_METHOD_HEAD) == 0 ? MHD_HTTP_METHOD_GET
                                                              : request->method;
}

const char *http_request_path(const HttpRequest *request)
{
    return request->path;
}

const char *http_request_header(const HttpRequest *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

typedef struct {
    const char *name;
    GString *joined; /* NULL: none so far */
} HeaderJoin;

static enum MHD_Result join_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    HeaderJoin *join = cls;
    (void)kind;
    if (!value || g_ascii_strcasecmp(name, join->name) != 0)
        return MHD_YES;
    if (join->joined)
        g_string_append(join->joined, ", ");
    else
        join->joined = g_string_new(NULL);
    g_string_append(join->joined, value);
    return MHD_YES;
}

char *http_request_header_joined(const HttpRequest *request, const char *name)
{
    HeaderJoin join = {name, NULL};
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, join_header, &join);
    return join.joined ? g_string_free(join.joined, FALSE) : NULL;
}

const char *http_request_query(const HttpRequest *request, const char *name)
{
    return http_fields_get(request->query, name);
}

const char *http_request_cookie(const HttpRequest *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_COOKIE_KIND, name);
}

const char *http_request_form(const HttpRequest *request, const char *name)
{
    return http_fields_get(request->form, name);
}

GPtrArray *http_request_form_all(const HttpRequest *request, const char *name)
{
    GPtrArray *values = g_ptr_array_new();
    for (guint i = 0; request->form && i < request->form->len; i++) {
        const HttpField *field = &g_array_index(request->form, HttpField, i);
        if (g_str_equal(field->name, name))
            g_ptr_array_add(values, field->value);
    }
    return values;
}

const char *http_request_body(const HttpRequest *request, gsize *length)
{
    const gboolean plain = request->kind == BODY_OTHER && request->body;
    if (length)
        *length = plain ? request->body->len : 0;
    return plain ? request->body->str : "";
}

const char *http_request_peer(const HttpRequest *request)
{
    return request->peer->address;
}

guint http_request_uploads(const HttpRequest *request)
{
    return request->uploads ? request->uploads->len : 0;
}

const HttpUpload *http_request_upload(const HttpRequest *request, guint index)
{
    g_return_val_if_fail(index < http_request_uploads(request), NULL);
    return &g_array_index(request->uploads, HttpUpload, index);
}

/* --- content negotiation (RFC 9110, 12.5.1)
 * ------------------------------------------------------- */

/* Reads "type/subtype;q=0.8" in place; the weight in thousandths, 1000 when it has none. */
static gint read_range(char *range)
{
    g_autofree char *weight = http_parameter(range, "q");
    range[strcspn(range, "; \t")] = '\0';
    if (!weight)
        return 1000;
    double q = g_ascii_strtod(weight, NULL);
    return q <= 0 ? 0 : q >= 1 ? 1000 : (gint)(q * 1000);
}

gboolean http_request_wants_json(const HttpRequest *request)
{
    const char *accept = http_request_header(request, "Accept");
    gint json = -1, html = -1, any = 0;
    if (!accept || !strstr(accept, "json")) /* the hot path: browsers */
        return FALSE;
    g_auto(GStrv) ranges = g_strsplit(accept, ",", 32);
    for (guint i = 0; ranges[i]; i++) {
        char *range = g_strstrip(ranges[i]);
        gint weight = read_range(range);
        if (g_ascii_strcasecmp(range, "application/json") == 0)
            json = weight;
        else if (g_ascii_strcasecmp(range, "text/html") == 0 ||
                 g_ascii_strcasecmp(range, "application/xhtml+xml") == 0)
            html = MAX(html, weight);
        else if (g_str_equal(range, "*/*") || g_str_equal(range, "text/*"))
            any = MAX(any, weight);
    }
    if (json <= 0)
        return FALSE;
    return html >= 0 ? json > html : json >= any; /* named beats a wildcard of the same weight */
}

void http_request_step_aside(const HttpRequest *request)
{
    http_pool_step_aside(request->server->pool);
}

void http_request_step_back(const HttpRequest *request)
{
    http_pool_step_back(request->server->pool);
}
